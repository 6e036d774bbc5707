// SPDX-License-Identifier: GPL-3.0-or-later
// Live capture through libpcap: one handle a worker, joined by PACKET_FANOUT (packet(7)), whose flow hash is symmetric and which
// reassembles fragments before it hashes, so that both directions of a flow and all fragments reach one worker.
#include <errno.h>
#include <poll.h>
#include <linux/if_packet.h>
#include <pcap/pcap.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "decoders/base/clock.h"
#include "decoders/base/log.h"
#include "decoders/packet/decoder.h"
#include "sensor/capture/capture_kind.h"

#define POLL_MS   100 // longest wait before the worker gets to its other duties
#define RETIRE_MS 20  // longest stay of a frame in a kernel block that is not full

struct pcap_live {
	pcap_t *pcap;
	int fd; // to wait on
	char *interface;
	enum linktype linktype;
	_Atomic uint64_t received; // the worker writes, any thread reads: frames handed to the worker
	// libpcap's counters are 32 bits and wrap: sums of their steps
	uint32_t last_drops, last_interface_drops;
	uint64_t drops, interface_drops;
};

static enum capture_result live_next(void *state, struct capture_frame *frame)
{
	struct pcap_live *live = state;
	struct pcap_pkthdr *header;
	const u_char *bytes;
	// libpcap's own wait ends only with a frame (TPACKET_V3): the worker could not hear that it is to stop, nor see time pass.
	int result = pcap_next_ex(live->pcap, &header, &bytes);
	if (result == 0) {
		struct pollfd ready = { .fd = live->fd, .events = POLLIN };
		if (poll(&ready, 1, POLL_MS) > 0)
			result = pcap_next_ex(live->pcap, &header, &bytes);
	}
	if (result == 1) {
		atomic_store_explicit(&live->received, live->received + 1, memory_order_relaxed);
		frame->bytes = span_of(bytes, header->caplen);
		frame->wire_len = header->len;
		frame->linktype = live->linktype;
		frame->ts_ns = ns_of((uint64_t)header->ts.tv_sec, (uint64_t)header->ts.tv_usec);
		frame->number = 0;
		return CAPTURE_FRAME;
	}
	if (result == 0)
		return CAPTURE_IDLE;
	log_error("%s: %s", live->interface, pcap_geterr(live->pcap));
	return CAPTURE_ERROR;
}

static void live_counts(void *state, struct capture_counts *counts)
{
	struct pcap_live *live = state;
	struct pcap_stat now;
	if (pcap_stats(live->pcap, &now) == 0) {
		live->drops += now.ps_drop - live->last_drops;
		live->interface_drops += now.ps_ifdrop - live->last_interface_drops;
		live->last_drops = now.ps_drop;
		live->last_interface_drops = now.ps_ifdrop;
	}
	*counts = (struct capture_counts) { live->received, live->drops, live->interface_drops };
}

static const char *live_source(const void *state)
{
	return ((const struct pcap_live *)state)->interface;
}

static double live_progress(const void *state)
{
	(void)state;
	return -1;
}

static unsigned live_failed(const void *state)
{
	(void)state;
	return 0;
}

static void live_close(void *state)
{
	struct pcap_live *live = state;
	if (live->pcap)
		pcap_close(live->pcap);
	free(live->interface);
	free(live);
}

static const struct capture_kind pcap_live_kind = {
	.name = "live",
	.next = live_next,
	.counts = live_counts,
	.source = live_source,
	.progress = live_progress,
	.failed = live_failed,
	.close = live_close,
};

// False with the reason in error.
static bool activate(struct pcap_live *live, const struct capture_config *config, char *error)
{
	live->pcap = pcap_create(live->interface, error);
	if (!live->pcap)
		return false;
	pcap_set_snaplen(live->pcap, (int)config->snaplen_bytes);
	pcap_set_promisc(live->pcap, config->promiscuous);
	pcap_set_timeout(live->pcap, RETIRE_MS);
	pcap_set_buffer_size(live->pcap, (int)(config->ring_bytes > INT32_MAX ? INT32_MAX : config->ring_bytes));
	pcap_set_tstamp_precision(live->pcap, PCAP_TSTAMP_PRECISION_NANO);
	int result = pcap_activate(live->pcap);
	if (result < 0) {
		const char *detail = pcap_geterr(live->pcap);
		bool more = *detail && strcmp(detail, pcap_statustostr(result)) != 0;
		snprintf(error, PCAP_ERRBUF_SIZE, "%s%s%.180s", pcap_statustostr(result), more ? ": " : "",
			more ? detail : "");
		return false;
	}
	if (result > 0)
		log_warning("%s: %s", live->interface, pcap_statustostr(result));
	live->linktype = (enum linktype)pcap_datalink(live->pcap);
	if (live->linktype == (enum linktype)DLT_RAW)
		live->linktype = LINK_RAW;
	if (!packet_linktype_supported(live->linktype)) {
		snprintf(error, PCAP_ERRBUF_SIZE, "link type %d is not supported", (int)live->linktype);
		return false;
	}
	live->fd = pcap_get_selectable_fd(live->pcap);
	if (live->fd < 0 || pcap_setnonblock(live->pcap, 1, error) != 0) {
		snprintf(error, PCAP_ERRBUF_SIZE, "cannot be read without blocking");
		return false;
	}
	struct bpf_program program;
	if (config->bpf_filter) {
		if (pcap_compile(live->pcap, &program, config->bpf_filter, 1, PCAP_NETMASK_UNKNOWN) != 0 ||
			pcap_setfilter(live->pcap, &program) != 0) {
			snprintf(error, PCAP_ERRBUF_SIZE, "capture.bpf-filter: %.200s", pcap_geterr(live->pcap));
			return false;
		}
		pcap_freecode(&program);
	}
	return true;
}

static bool join_fanout(struct pcap_live *live, const struct capture_config *config, char *error)
{
	uint64_t group = config->fanout_group ? config->fanout_group : (uint64_t)getpid() & 0xffff;
	int argument = (int)(group | (uint64_t)(PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_DEFRAG) << 16);
	if (setsockopt(pcap_fileno(live->pcap), SOL_PACKET, PACKET_FANOUT, &argument, sizeof(argument)) == 0)
		return true;
	snprintf(error, PCAP_ERRBUF_SIZE, "PACKET_FANOUT: %s", strerror(errno));
	return false;
}

struct capture *capture_open_live(
	const struct capture_config *config, const char *interface, unsigned index, unsigned count)
{
	(void)index;
	char error[PCAP_ERRBUF_SIZE] = "out of memory";
	struct pcap_live *live = calloc(1, sizeof(*live));
	if (!live)
		return NULL;
	live->interface = strdup(interface);
	if (!live->interface || !activate(live, config, error) || (count > 1 && !join_fanout(live, config, error))) {
		log_error("%s: %s", interface, error);
		live_close(live);
		return NULL;
	}
	return capture_make(&pcap_live_kind, live);
}
