// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/stream/tcp_session.h"

#define AT(member) offsetof(struct stream_config, member)

static const struct option_choice midstream_policies[] = {
	{ "auto", MIDSTREAM_AUTO },
	{ "ignore", MIDSTREAM_IGNORE },
	{ "pass-flow", MIDSTREAM_PASS_FLOW },
	{ "pass-packet", MIDSTREAM_PASS_PACKET },
	{ "drop-flow", MIDSTREAM_DROP_FLOW },
	{ "drop-packet", MIDSTREAM_DROP_PACKET },
	{ "bypass", MIDSTREAM_BYPASS },
	{ "reject", MIDSTREAM_REJECT },
	{ 0 },
};

static const struct option_choice inline_choices[] = {
	{ "auto", 2 },
	{ "yes", 1 },
	{ "true", 1 },
	{ "on", 1 },
	{ "1", 1 },
	{ "no", 0 },
	{ "false", 0 },
	{ "off", 0 },
	{ "0", 0 },
	{ 0 },
};

static const struct option_choice urgent_policies[] = {
	{ "inline", URGENT_INLINE },
	{ "drop", URGENT_DROP },
	{ "oob", URGENT_OOB },
	{ "gap", URGENT_GAP },
	{ 0 },
};

const struct option stream_options[] = {
	{ "stream.memcap", OPTION_SIZE, AT(memcap_bytes), "64 MiB", 1 << 16, 0, NULL, CHANGE_RESTART,
		"bytes for TCP sessions, all workers together" },
	{ "stream.reassembly.memcap", OPTION_SIZE, AT(reassembly_memcap_bytes), "256 MiB", 1 << 16, 0, NULL,
		CHANGE_RESTART, "bytes for TCP data that waits, all workers together" },
	{ "stream.checksum-validation", OPTION_BOOL, AT(checksum_validation), "yes", 0, 0, NULL, CHANGE_RESTART,
		"keep packets with a wrong checksum out of the stream" },
	{ "stream.midstream", OPTION_BOOL, AT(midstream), "no", 0, 0, NULL, CHANGE_RESTART,
		"pick up sessions whose start was not seen" },
	{ "stream.midstream-policy", OPTION_CHOICE, AT(midstream_policy), "auto", 0, 0, midstream_policies,
		CHANGE_RESTART, "what is done with a flow whose start was not seen" },
	{ "stream.async-oneside", OPTION_BOOL, AT(async_oneside), "no", 0, 0, NULL, CHANGE_RESTART,
		"follow sessions of which only one direction is seen" },
	{ "stream.inline", OPTION_CHOICE, AT(inline_choice), "auto", 0, 0, inline_choices, CHANGE_RESTART,
		"inspect data before the receiver has it, the first copy wins; auto: when packets can be dropped" },
	{ "stream.drop-invalid", OPTION_BOOL, AT(drop_invalid), "yes", 0, 0, NULL, CHANGE_RESTART,
		"inline: drop packets that do not fit their session" },
	{ "stream.bypass", OPTION_BOOL, AT(bypass), "no", 0, 0, NULL, CHANGE_RESTART,
		"stop looking at a session once both directions reached the depth" },
	{ "stream.max-syn-queued", OPTION_UINT, AT(max_syn_queued), "10", 1, 255, NULL, CHANGE_RESTART,
		"different SYNs of one session remembered" },
	{ "stream.max-synack-queued", OPTION_UINT, AT(max_synack_queued), "5", 1, 255, NULL, CHANGE_RESTART,
		"different SYN/ACKs of one session remembered" },
	{ "stream.reassembly.depth", OPTION_SIZE, AT(depth_bytes), "1 MiB", 0, 0, NULL, CHANGE_RESTART,
		"bytes of each direction that are reassembled; 0 all" },
	{ "stream.reassembly.toserver-chunk-size", OPTION_SIZE, AT(toserver_chunk_bytes), "2560", 1, 1 << 19, NULL,
		CHANGE_RESTART, "bytes to the server that raw inspection waits for" },
	{ "stream.reassembly.toclient-chunk-size", OPTION_SIZE, AT(toclient_chunk_bytes), "2560", 1, 1 << 19, NULL,
		CHANGE_RESTART, "bytes to the client that raw inspection waits for" },
	{ "stream.reassembly.randomize-chunk-size", OPTION_BOOL, AT(randomize_chunk_size), "no", 0, 0, NULL,
		CHANGE_RESTART, "taken for compatibility: windows are the same in every run" },
	{ "stream.reassembly.check-overlap-different-data", OPTION_BOOL, AT(check_overlap_different_data), "yes", 0, 0,
		NULL, CHANGE_RESTART, "report overlapping segments whose bytes differ" },
	{ "stream.reassembly.max-segments", OPTION_UINT, AT(max_segments), "2048", 16, 65536, NULL, CHANGE_RESTART,
		"segments one direction holds while data is missing or not acknowledged" },
	{ "stream.reassembly.max-regions", OPTION_UINT, AT(max_regions), "8", 0, 255, NULL, CHANGE_RESTART,
		"stretches of data far apart from each other one direction holds; 0 no bound" },
	{ "stream.reassembly.urgent.policy", OPTION_CHOICE, AT(urgent_policy), "oob", 0, 0, urgent_policies,
		CHANGE_RESTART, "what is done with urgent data" },
	{ "stream.reassembly.urgent.oob-limit-policy", OPTION_CHOICE, AT(urgent_oob_limit_policy), "drop", 0, 0,
		urgent_policies, CHANGE_RESTART, "what is done with urgent data after 65535 bytes of it" },
	{ "host-os-policy.*", OPTION_MAP, AT(host_os_policy), NULL, 0, 0, NULL, CHANGE_RESTART,
		"networks of hosts by operating system, for overlapping data" },
	{ 0 },
};

#define STREAM_COUNTER_NAME(constant, name) [constant] = name,
const char *const stream_counter_names[STREAM_COUNTERS_END] = { STREAM_COUNTERS(STREAM_COUNTER_NAME) };

static const char *const state_names[TCP_STATES] = {
	[TCP_NONE] = "none",
	[TCP_SYN_SENT] = "syn_sent",
	[TCP_SYN_RECV] = "syn_recv",
	[TCP_ESTABLISHED] = "established",
	[TCP_FIN_WAIT1] = "fin_wait1",
	[TCP_FIN_WAIT2] = "fin_wait2",
	[TCP_TIME_WAIT] = "time_wait",
	[TCP_LAST_ACK] = "last_ack",
	[TCP_CLOSE_WAIT] = "close_wait",
	[TCP_CLOSING] = "closing",
	[TCP_CLOSED] = "closed",
};

const char *tcp_state_name(enum tcp_state state)
{
	return state < TCP_STATES ? state_names[state] : "none";
}
