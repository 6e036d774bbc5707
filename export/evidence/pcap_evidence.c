// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/evidence/pcap_evidence.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "decoders/base/clock.h"
#include "decoders/base/log.h"
#include "decoders/base/write_all.h"
#include "decoders/packet/packet.h"

#define PCAP_MAGIC_NS 0xa1b23c4du // in the byte order of this machine: readers swap by it
#define BUFFER_BYTES  (256u << 10)

#define AT(member) offsetof(struct evidence_config, member)

const struct option evidence_options[] = {
	{ "evidence.packets.enabled", OPTION_BOOL, AT(packets_enabled), "no", 0, 0, NULL, CHANGE_RESTART,
		"keep the frames that alerted, and those after them in their flows, in evidence.pcap beside the "
		"events" },
	{ "evidence.packets.budget", OPTION_SIZE, AT(budget_bytes), "256 MiB", 4096, 0, NULL, CHANGE_RESTART,
		"bytes evidence.pcap may take in one run; frames over it are not kept, and counted" },
	{ "evidence.packets.per-flow", OPTION_UINT, AT(per_flow), "64", 0, EVIDENCE_PER_FLOW_MAX, NULL, CHANGE_RESTART,
		"frames of a flow kept after each alert" },
	{ "evidence.snaplen", OPTION_SIZE, AT(snaplen_bytes), "128 KiB", 64, EVIDENCE_FRAME_MAX, NULL, CHANGE_RESTART,
		"bytes kept of one frame" },
	{ 0 },
};

// What a record's line begins with; the frame's bytes follow.
struct line_header {
	uint32_t wire_len;
	uint32_t linktype;
};
static_assert(sizeof(struct line_header) + EVIDENCE_FRAME_MAX <= RECORD_LINE_MAX, "any frame fits a record");

struct pcap_file_header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t reserved[2];
	uint32_t snaplen;
	uint32_t linktype;
};
static_assert(sizeof(struct pcap_file_header) == 24, "as the format has it");

struct pcap_frame_header {
	uint32_t seconds, nanoseconds, len, wire_len;
};
static_assert(sizeof(struct pcap_frame_header) == 16, "as the format has it");
static_assert(sizeof(struct pcap_frame_header) + EVIDENCE_FRAME_MAX <= BUFFER_BYTES, "any frame fits an empty buffer");

struct evidence_writer {
	int fd;
	bool begun;  // the file has its header
	bool full;   // the budget is spent: the file stays a whole beginning of what there was
	bool broken; // the disk refused
	uint32_t linktype, snaplen;
	uint64_t budget, flushed; // bytes in the file
	uint32_t used, buffered;  // bytes and frames in the buffer
	struct evidence_counts counts;
	char path[PATH_MAX];
	char buffer[BUFFER_BYTES];
};

uint32_t evidence_pack(char *line, const struct evidence_frame *frame, uint64_t snaplen_bytes)
{
	size_t most = snaplen_bytes < EVIDENCE_FRAME_MAX ? (size_t)snaplen_bytes : EVIDENCE_FRAME_MAX;
	size_t len = frame->bytes.len < most ? frame->bytes.len : most;
	struct line_header header = { frame->wire_len, frame->linktype };
	memcpy(line, &header, sizeof(header));
	if (len)
		memcpy(line + sizeof(header), frame->bytes.data, len);
	return (uint32_t)(sizeof(header) + len);
}

void evidence_path(const char *directory, char *path, size_t size)
{
	snprintf(path, size, "%s/evidence.pcap", directory ? directory : ".");
}

// Evidence of the run before is not for this one to destroy.
static bool keep_previous(const char *directory, const char *path)
{
	char previous[PATH_MAX];
	snprintf(previous, sizeof(previous), "%s/evidence.1.pcap", directory ? directory : ".");
	return rename(path, previous) == 0 || errno == ENOENT;
}

struct evidence_writer *evidence_writer_open(const struct evidence_config *config, const char *directory)
{
	struct evidence_writer *writer = malloc(sizeof(*writer));
	if (!writer) {
		log_error("evidence: out of memory");
		return NULL;
	}
	memset(writer, 0, offsetof(struct evidence_writer, buffer));
	evidence_path(directory, writer->path, sizeof(writer->path));
	writer->budget = config->budget_bytes;
	writer->snaplen = (uint32_t)config->snaplen_bytes;
	writer->fd = -1;
	if (keep_previous(directory, writer->path))
		writer->fd = open(writer->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (writer->fd < 0) {
		log_error("%s: %s", writer->path, strerror(errno));
		free(writer);
		return NULL;
	}
	return writer;
}

void evidence_writer_flush(struct evidence_writer *writer)
{
	if (!writer->used)
		return;
	if (write_all(writer->fd, writer->buffer, writer->used)) {
		writer->flushed += writer->used;
	} else {
		log_error("%s: %s; no more evidence is kept", writer->path, strerror(errno));
		writer->broken = true;
		writer->counts.frames -= writer->buffered;
		writer->counts.bytes = writer->flushed;
		writer->counts.failed += writer->buffered;
		// Half a frame at the end would make readers complain about the whole ones before it
		if (ftruncate(writer->fd, (off_t)writer->flushed) != 0)
			log_error("%s: %s; its last frame is cut", writer->path, strerror(errno));
	}
	writer->used = writer->buffered = 0;
}

static void put(struct evidence_writer *writer, const void *bytes, size_t len)
{
	memcpy(writer->buffer + writer->used, bytes, len);
	writer->used += (uint32_t)len;
	writer->counts.bytes += len;
}

static void begin(struct evidence_writer *writer, uint32_t linktype)
{
	struct pcap_file_header header = {
		.magic = PCAP_MAGIC_NS, .major = 2, .minor = 4, .snaplen = writer->snaplen, .linktype = linktype
	};
	put(writer, &header, sizeof(header));
	writer->linktype = linktype;
	writer->begun = true;
}

void evidence_writer_add(struct evidence_writer *writer, const struct record *record)
{
	struct line_header line;
	assert(record->line_len >= sizeof(line));
	memcpy(&line, record->line, sizeof(line));
	uint32_t len = record->line_len - (uint32_t)sizeof(line);
	if (!writer->begun)
		begin(writer, line.linktype);
	uint32_t need = (uint32_t)sizeof(struct pcap_frame_header) + len;
	if (need > BUFFER_BYTES - writer->used)
		evidence_writer_flush(writer);
	if (writer->broken) {
		writer->counts.failed++;
		return;
	}
	if (line.linktype != writer->linktype) {
		writer->counts.other_link++;
		return;
	}
	if (writer->full || writer->counts.bytes + need > writer->budget) {
		writer->full = true;
		writer->counts.over_budget++;
		return;
	}
	struct pcap_frame_header header = {
		.seconds = (uint32_t)(record->ts_ns / NS_PER_S),
		.nanoseconds = (uint32_t)(record->ts_ns % NS_PER_S),
		.len = len,
		.wire_len = line.wire_len > len ? line.wire_len : len,
	};
	put(writer, &header, sizeof(header));
	put(writer, record->line + sizeof(line), len);
	writer->counts.frames++;
	writer->buffered++;
}

bool evidence_writer_close(struct evidence_writer *writer, struct evidence_counts *counts)
{
	if (!writer->begun) // an empty capture, not an empty file
		begin(writer, LINK_ETHERNET);
	evidence_writer_flush(writer);
	bool good = !writer->broken;
	if (close(writer->fd) < 0) {
		log_error("%s: %s", writer->path, strerror(errno));
		good = false;
	}
	*counts = writer->counts;
	free(writer);
	return good;
}
