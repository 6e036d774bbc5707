// SPDX-License-Identifier: GPL-3.0-or-later
// TCP session: state machine (RFC 9293), reassembly in both directions, and what is ready for the application and the rules.
//
// Life cycle   tcp_session_handle at every TCP packet of a flow makes and drives flow->tcp; tcp_session_free at the flow's end
// Data         each direction is one byte stream, offsets counted from 0 at the first payload byte (64 bits, no wrap). A consumer
//              asks for a view from its own position; bytes are kept until every consumer (application, raw inspection) is past them
//              and they were acknowledged. Zero copy: a packet's payload that continues the stream is viewed where it lies, and copied into
//              the slab only when somebody still needs it after the packet
// Modes        detection (data counts when the receiver has acknowledged it, overlap policy by host system) and inline (data counts at
//              once, the first copy wins, a later one that differs is dropped or rewritten: what was inspected is what passes)
// Memory       worker's slab, stream.memcap and stream.reassembly.memcap; a session over its segments' bound loses data as a gap, counted
// Threads      belongs to one worker
#pragma once
#include "decoders/base/option.h"
#include "decoders/flow/flow_table.h"
#include "decoders/packet/events.h"

enum tcp_state {
	TCP_NONE,
	TCP_SYN_SENT,
	TCP_SYN_RECV,
	TCP_ESTABLISHED,
	TCP_FIN_WAIT1,
	TCP_FIN_WAIT2,
	TCP_TIME_WAIT,
	TCP_LAST_ACK,
	TCP_CLOSE_WAIT,
	TCP_CLOSING,
	TCP_CLOSED,
	TCP_STATES,
};

// Overlap policy: which copy of a byte a receiver of that system keeps.
enum tcp_os_policy {
	TCP_OS_BSD,
	TCP_OS_BSD_RIGHT,
	TCP_OS_OLD_LINUX,
	TCP_OS_LINUX,
	TCP_OS_OLD_SOLARIS,
	TCP_OS_SOLARIS,
	TCP_OS_HPUX10,
	TCP_OS_HPUX11,
	TCP_OS_IRIX,
	TCP_OS_MACOS,
	TCP_OS_WINDOWS,
	TCP_OS_VISTA,
	TCP_OS_WINDOWS2K3,
	TCP_OS_FIRST, // inline mode
	TCP_OS_LAST,
};

enum stream_midstream_policy {
	MIDSTREAM_IGNORE,
	MIDSTREAM_PASS_FLOW,
	MIDSTREAM_PASS_PACKET,
	MIDSTREAM_DROP_FLOW,
	MIDSTREAM_DROP_PACKET,
	MIDSTREAM_BYPASS,
	MIDSTREAM_REJECT,
	MIDSTREAM_AUTO, // drop-flow when packets can be dropped and midstream is off, else ignore
};

// What to do with urgent data (RFC 6093): stay in the stream, drop the packet, leave the urgent byte out, lose the segment.
enum stream_urgent_policy { URGENT_INLINE, URGENT_DROP, URGENT_OOB, URGENT_GAP };

struct stream_config {
	uint64_t memcap_bytes, reassembly_memcap_bytes;
	bool midstream, async_oneside, inline_mode, checksum_validation, drop_invalid, bypass;
	bool check_overlap_different_data,
		randomize_chunk_size; // the latter taken, not used: windows are the same in every run
	int inline_choice; // stream.inline: 0 no, 1 yes, 2 auto; the sensor sets inline_mode when it is auto and packets can be dropped
	int midstream_policy;      // enum stream_midstream_policy
	uint64_t depth_bytes;      // stream.reassembly.depth; 0 unlimited
	uint64_t file_depth_bytes; // the same of sessions with a file that is stored; from the file store's settings
	uint64_t toserver_chunk_bytes; // raw inspection starts with this much (2560)
	uint64_t toclient_chunk_bytes;
	uint64_t max_syn_queued, max_synack_queued;
	uint64_t max_segments; // out of order segments a direction holds
	uint64_t max_regions;
	int urgent_policy;           // enum stream_urgent_policy
	int urgent_oob_limit_policy; // the same, once a direction left out 65535 bytes
	struct option_map host_os_policy;
	uint64_t workers;
};

extern const struct option stream_options[];

#define STREAM_COUNTERS(X)                                                                  \
	X(STREAM_COUNT_SESSIONS, "tcp.sessions")                                            \
	X(STREAM_COUNT_MEMCAP_DROP, "tcp.ssn_memcap_drop")                                  \
	X(STREAM_COUNT_PSEUDO, "tcp.pseudo")                                                \
	X(STREAM_COUNT_INVALID_CHECKSUM, "tcp.invalid_checksum")                            \
	X(STREAM_COUNT_MIDSTREAM_PICKUPS, "tcp.midstream_pickups")                          \
	X(STREAM_COUNT_PKT_ON_WRONG_THREAD, "tcp.pkt_on_wrong_thread")                      \
	X(STREAM_COUNT_ACK_UNSEEN_DATA, "tcp.ack_unseen_data")                              \
	X(STREAM_COUNT_SEGMENT_MEMCAP_DROP, "tcp.segment_memcap_drop")                      \
	X(STREAM_COUNT_SEGMENT_FROM_CACHE, "tcp.segment_from_cache")                        \
	X(STREAM_COUNT_SEGMENT_BUDGET, "tcp.segment_over_budget")                           \
	X(STREAM_COUNT_DEPTH_REACHED, "tcp.stream_depth_reached")                           \
	X(STREAM_COUNT_REASSEMBLY_GAP, "tcp.reassembly_gap")                                \
	X(STREAM_COUNT_OVERLAP, "tcp.overlap")                                              \
	X(STREAM_COUNT_OVERLAP_DIFF, "tcp.overlap_diff_data")                               \
	X(STREAM_COUNT_INSERT_DATA_FAIL, "tcp.insert_data_normal_fail")                     \
	X(STREAM_COUNT_URGENT_OOB, "tcp.urgent_oob_data")                                   \
	X(STREAM_COUNT_SYN, "tcp.syn")                                                      \
	X(STREAM_COUNT_SYNACK, "tcp.synack")                                                \
	X(STREAM_COUNT_RST, "tcp.rst")                                                      \
	X(STREAM_COUNT_MEMUSE, "tcp.memuse")                                                \
	X(STREAM_COUNT_REASSEMBLY_MEMUSE, "tcp.reassembly_memuse")                          \
	X(STREAM_COUNT_MIDSTREAM_IGNORE, "exception_policy.tcp.midstream.ignore")           \
	X(STREAM_COUNT_MIDSTREAM_PASS_FLOW, "exception_policy.tcp.midstream.pass_flow")     \
	X(STREAM_COUNT_MIDSTREAM_PASS_PACKET, "exception_policy.tcp.midstream.pass_packet") \
	X(STREAM_COUNT_MIDSTREAM_DROP_FLOW, "exception_policy.tcp.midstream.drop_flow")     \
	X(STREAM_COUNT_MIDSTREAM_DROP_PACKET, "exception_policy.tcp.midstream.drop_packet") \
	X(STREAM_COUNT_MIDSTREAM_BYPASS, "exception_policy.tcp.midstream.bypass")           \
	X(STREAM_COUNT_MIDSTREAM_REJECT, "exception_policy.tcp.midstream.reject")           \
	X(STREAM_COUNT_COPIED, "tcp.copied_bytes")                                          \
	X(STREAM_COUNT_DIRECT, "tcp.zero_copy_bytes")
#define STREAM_COUNTER_CONSTANT(constant, name) constant,
enum stream_counter { STREAM_COUNTERS(STREAM_COUNTER_CONSTANT) STREAM_COUNTERS_END };
extern const char *const stream_counter_names[STREAM_COUNTERS_END];

struct tcp_session; // layout private to decoders/stream
struct stream_engine;

struct stream_engine *stream_engine_new(
	const struct stream_config *config, struct slab *slab, struct flow_table *flows);
void stream_engine_free(struct stream_engine *engine);
const uint64_t *stream_engine_counters(const struct stream_engine *engine);
const uint64_t *stream_engine_event_counts(const struct stream_engine *engine); // PACKET_EVENTS_END entries

// What a packet did: drives the rest of the pipeline.
struct stream_result {
	bool ready[2]; // direction has new data (or an end or gap) for the application
	bool invalid;  // the packet does not fit the session: its data was not used (PACKET_STREAM_INVALID is set)
	bool drop;     // inline: must not pass (drop_invalid, or differing overlap)
	bool closed; // session came to its end (FINs or RST) with this packet. What was not acknowledged shows at the flow's end only
	bool reused;  // packet starts a new session on an old flow's addresses (flow_table has ended the old one)
	bool swapped; // client and server were wrong way round: flow and session were swapped, app_flow must be too
	bool bypass;
};

// Drives the session with packet (packet->flow set, TCP header valid). Stream events go to the packet. flow_table_set_state is called as states
// change. Only looked at after this call: session and result.
// With stream.midstream-policy the flow gets its flags here (FLOW_PASSED, FLOW_DROPPED, FLOW_REJECTED, FLOW_BYPASS, and FLOW_MIDSTREAM_POLICY).
struct stream_result tcp_session_handle(struct stream_engine *engine, struct packet *packet);

// A stretch of the stream from a consumer's position on.
struct stream_view {
	struct span data;   // contiguous; may be empty when only a gap or end is to be told
	uint64_t offset;    // of data in the stream
	uint32_t gap_bytes; // bytes lost before data (their offset: offset - gap_bytes)
	bool end;           // no data will follow: FIN or RST taken, depth reached or session closed
	bool depth_reached;
};

// The application's next view of direction: from its position, contiguous and (detection mode) acknowledged. False when there is nothing
// new to tell. Valid until the packet is done. Longest view given: SLAB_MAX_BLOCK; call again after consuming.
bool tcp_session_app_view(
	struct stream_engine *engine, struct flow *flow, enum direction direction, struct stream_view *view);
// The application took consumed bytes of the view (and its gap); the rest is shown again, with more, when more has come.
void tcp_session_app_consume(struct stream_engine *engine, struct flow *flow, enum direction direction,
	uint32_t gap_bytes, uint32_t consumed);
// A file of flow is to be stored: stream.reassembly.depth gives way to stream_config.file_depth_bytes where that is more.
void tcp_session_deepen(struct flow *flow);
// The application needs no more data in direction (failed, or encrypted from here on).
void tcp_session_app_stop(struct flow *flow, enum direction direction);
// The application wants to see what comes in direction as it comes, before it is acknowledged, until it says otherwise: an answer that tells how other
// flows are to be read is acknowledged long after they began.
void tcp_session_app_at_once(struct flow *flow, enum direction direction, bool on);
// The application wants to see again what it did not take, in both directions: it learnt which protocol the flow speaks.
void tcp_session_app_again(struct flow *flow);

// Raw inspection's next view: as above, but windows overlap by the inspector's choice; is ready when a chunk is full, or on flush
// (session ending, or application asks by tcp_session_raw_trigger because a transaction's request or answer is complete). As in the field,
// a packet inspects the stream of its own direction, as far as the other side acknowledged it before; the rest comes at the flow's end.
// Inline: a window that ends with the current packet's payload, only when that was added to the stream.
bool tcp_session_raw_view(struct stream_engine *engine, struct flow *flow, enum direction direction, bool flush,
	struct stream_view *view);
// Raw inspection looked at everything up to offset; keep_bytes before it stay visible in the next view.
void tcp_session_raw_consume(struct stream_engine *engine, struct flow *flow, enum direction direction, uint64_t offset,
	uint32_t keep_bytes);
void tcp_session_raw_trigger(struct flow *flow, enum direction direction);
void tcp_session_raw_stop(struct flow *flow, enum direction direction);

// What is held of a frame from offset on, in one piece, as far as rules may see it (acknowledged; inline: all); after a hole when offset lies in
// one. False: nothing.
bool tcp_session_frame_view(struct stream_engine *engine, struct flow *flow, enum direction direction, uint64_t offset,
	struct stream_view *view);
// Copies at most size bytes of [from, to) of the stream, as far as they are held; "[N bytes missing]" where they are not. Gives the length.
uint32_t tcp_session_copy_range(
	const struct flow *flow, enum direction direction, uint64_t from, uint64_t to, uint8_t *out, uint32_t size);

// Client and server were the wrong way round: the two directions change places. The flow, and the direction of the packet at hand, are
// swapped by the caller.
void tcp_session_swap(struct flow *flow);

// The packet is processed: payload viewed in place and still needed is copied now, what nobody needs is freed.
void tcp_session_packet_done(struct stream_engine *engine, struct packet *packet);

// At a flow's end: what never was acknowledged becomes visible too, and both directions end. Then the views above give the last data.
void tcp_session_finish(struct stream_engine *engine, struct flow *flow);
void tcp_session_free(struct stream_engine *engine, struct flow *flow);

// For rules and events.
struct tcp_summary {
	enum tcp_state state;
	uint8_t flags[2]; // all flags seen, by sender: [TO_SERVER] those the client sent
	bool midstream, gap[2], async;
	uint64_t stream_bytes
		[2]; // sequence space used, SYN and FIN counted: 1 before any data, as rules' stream_size has it
	uint16_t max_regions[2];
	bool established;
	uint16_t mss[2];
	bool window_scale;
};
void tcp_session_summary(const struct flow *flow, struct tcp_summary *out);
const char *tcp_state_name(enum tcp_state state); // EVE: "syn_sent", "established", ...
static inline bool tcp_session_present(const struct flow *flow)
{
	return flow->tcp != NULL;
}
// Copies at most size bytes of the stream of direction before and after offset that are still held, for payload in alerts. Gives the length.
uint32_t tcp_session_copy(const struct flow *flow, enum direction direction, uint8_t *out, uint32_t size);
