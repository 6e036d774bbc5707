// SPDX-License-Identifier: GPL-3.0-or-later
// Capture files: one, or all below a directory in order of their first frames. A file that cannot be read, or breaks off, is told once
// and the others go on.
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "decoders/base/clock.h"
#include "decoders/base/log.h"
#include "decoders/packet/decoder.h"
#include "sensor/capture/capture_kind.h"
#include "sensor/capture/pcap_stream.h"

#define DIRECTORY_DEPTH_MAX 8
#define FILES_MAX           1000000

struct input_file {
	char *path;
	uint64_t first_ns; // time of its first frame
	uint64_t size;
};

struct pcap_files {
	const char *filter; // capture.bpf-filter; NULL: none
	struct input_file *files;
	size_t count, capacity, at; // at: index of the open file
	struct pcap_stream stream;
	bool open;
	unsigned failed;
	uint64_t frames, bytes_before, bytes_all;
};

static void report(struct pcap_files *files, const char *path, const char *reason)
{
	log_error("%s: %s", path, reason);
	files->failed++;
}

// libpcap gives DLT_* of this machine; those that differ from the file's link type are mapped back.
static enum linktype linktype_of(pcap_t *pcap)
{
	int dlt = pcap_datalink(pcap);
	switch (dlt) {
	case DLT_RAW: return LINK_RAW;
	case DLT_LOOP: return LINK_LOOP;
	case DLT_NULL: return LINK_NULL;
	default: return (enum linktype)dlt;
	}
}

static bool set_filter(struct pcap_files *files, char *error)
{
	struct bpf_program program;
	pcap_t *pcap = files->stream.pcap;
	if (pcap_compile(pcap, &program, files->filter, 1, PCAP_NETMASK_UNKNOWN) != 0) {
		snprintf(error, PCAP_ERRBUF_SIZE, "capture.bpf-filter: %.200s", pcap_geterr(pcap));
		return false;
	}
	bool good = pcap_setfilter(pcap, &program) == 0;
	if (!good)
		snprintf(error, PCAP_ERRBUF_SIZE, "capture.bpf-filter: %.200s", pcap_geterr(pcap));
	pcap_freecode(&program);
	return good;
}

// Opens files->files[at]; false when it cannot be read (told).
static bool open_current(struct pcap_files *files)
{
	char error[PCAP_ERRBUF_SIZE];
	const char *path = files->files[files->at].path;
	if (!pcap_stream_open(&files->stream, path, error)) {
		report(files, path, error);
		return false;
	}
	enum linktype linktype = linktype_of(files->stream.pcap);
	if (!packet_linktype_supported(linktype)) {
		const char *name = pcap_datalink_val_to_description((int)linktype);
		snprintf(error, sizeof(error), "link type %d (%s) is not supported", (int)linktype,
			name ? name : "unknown");
		report(files, path, error);
		pcap_stream_close(&files->stream);
		return false;
	}
	if (files->filter && !set_filter(files, error)) {
		report(files, path, error);
		pcap_stream_close(&files->stream);
		return false;
	}
	files->open = true;
	return true;
}

static void close_current(struct pcap_files *files)
{
	pcap_stream_close(&files->stream);
	files->open = false;
	files->bytes_before += files->files[files->at].size;
	files->at++;
}

static enum capture_result files_next(void *state, struct capture_frame *frame)
{
	struct pcap_files *files = state;
	while (files->at < files->count) {
		if (!files->open && !open_current(files)) {
			files->bytes_before += files->files[files->at].size;
			files->at++;
			continue;
		}
		struct pcap_pkthdr *header;
		const u_char *bytes;
		int result = pcap_next_ex(files->stream.pcap, &header, &bytes);
		if (result == 1) {
			frame->bytes = span_of(bytes, header->caplen);
			frame->wire_len = header->len < header->caplen ? header->caplen : header->len;
			frame->linktype = linktype_of(files->stream.pcap);
			frame->ts_ns = ns_of((uint64_t)header->ts.tv_sec,
				(uint64_t)header->ts.tv_usec); // nanoseconds: asked for at open
			frame->number = ++files->frames;
			return CAPTURE_FRAME;
		}
		if (result != PCAP_ERROR_BREAK)
			report(files, files->files[files->at].path, pcap_geterr(files->stream.pcap));
		close_current(files);
	}
	return CAPTURE_END;
}

static void files_counts(void *state, struct capture_counts *counts)
{
	counts->received = ((struct pcap_files *)state)->frames;
}

static const char *files_source(const void *state)
{
	const struct pcap_files *files = state;
	return files->at < files->count ? files->files[files->at].path : NULL;
}

static double files_progress(const void *state)
{
	const struct pcap_files *files = state;
	if (!files->bytes_all)
		return -1;
	double here = files->open ? pcap_stream_progress(&files->stream) * (double)files->files[files->at].size : 0;
	return ((double)files->bytes_before + here) / (double)files->bytes_all;
}

static unsigned files_failed(const void *state)
{
	return ((const struct pcap_files *)state)->failed;
}

static void files_close(void *state)
{
	struct pcap_files *files = state;
	if (files->open)
		pcap_stream_close(&files->stream);
	for (size_t i = 0; i < files->count; i++)
		free(files->files[i].path);
	free(files->files);
	free(files);
}

static const struct capture_kind pcap_file_kind = {
	.name = "file",
	.next = files_next,
	.counts = files_counts,
	.source = files_source,
	.progress = files_progress,
	.failed = files_failed,
	.close = files_close,
};

static void add_file(struct pcap_files *files, const char *path, uint64_t size)
{
	if (files->count == files->capacity) {
		size_t capacity = files->capacity ? 2 * files->capacity : 16;
		struct input_file *grown =
			files->count < FILES_MAX ? realloc(files->files, capacity * sizeof(*grown)) : NULL;
		if (!grown) {
			report(files, path, "too many files");
			return;
		}
		files->files = grown;
		files->capacity = capacity;
	}
	char *copy = strdup(path);
	if (!copy)
		return;
	files->files[files->count++] = (struct input_file) { .path = copy, .size = size };
	files->bytes_all += size;
}

static void add_directory(struct pcap_files *files, const char *path, unsigned depth)
{
	DIR *directory = depth < DIRECTORY_DEPTH_MAX ? opendir(path) : NULL;
	if (!directory) {
		report(files, path, depth < DIRECTORY_DEPTH_MAX ? strerror(errno) : "directories nested too deep");
		return;
	}
	for (struct dirent *entry; (entry = readdir(directory));) {
		if (entry->d_name[0] == '.')
			continue;
		char *child;
		struct stat about;
		if (asprintf(&child, "%s/%s", path, entry->d_name) < 0)
			break;
		if (stat(child, &about) != 0)
			report(files, child, strerror(errno));
		else if (S_ISDIR(about.st_mode))
			add_directory(files, child, depth + 1);
		else if (S_ISREG(about.st_mode))
			add_file(files, child, (uint64_t)about.st_size);
		free(child);
	}
	closedir(directory);
}

static int by_first_frame(const void *a, const void *b)
{
	const struct input_file *x = a, *y = b;
	if (x->first_ns != y->first_ns)
		return x->first_ns < y->first_ns ? -1 : 1;
	return strcmp(x->path, y->path);
}

// Time of each file's first frame; files that cannot be opened keep 0, come first, and are told of when their turn comes.
static void sort_by_time(struct pcap_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		struct pcap_stream stream;
		char error[PCAP_ERRBUF_SIZE];
		if (!pcap_stream_open(&stream, files->files[i].path, error))
			continue;
		struct pcap_pkthdr *header;
		const u_char *bytes;
		if (pcap_next_ex(stream.pcap, &header, &bytes) == 1)
			files->files[i].first_ns = ns_of((uint64_t)header->ts.tv_sec, (uint64_t)header->ts.tv_usec);
		pcap_stream_close(&stream);
	}
	qsort(files->files, files->count, sizeof(*files->files), by_first_frame);
}

struct capture *capture_open_files(const struct capture_config *config, const char *path)
{
	struct pcap_files *files = calloc(1, sizeof(*files));
	if (!files)
		return NULL;
	files->filter = config->bpf_filter && *config->bpf_filter ? config->bpf_filter : NULL;
	files->stream.fd = -1;
	struct stat about;
	if (stat(path, &about) != 0) {
		report(files, path, strerror(errno));
	} else if (S_ISDIR(about.st_mode)) {
		add_directory(files, path, 0);
		sort_by_time(files);
		if (!files->count)
			report(files, path, "no capture file in this directory");
	} else {
		add_file(files, path, (uint64_t)about.st_size);
	}
	if (!files->count) {
		files_close(files);
		return NULL;
	}
	return capture_make(&pcap_file_kind, files);
}
