// SPDX-License-Identifier: GPL-3.0-or-later
// Inside of decoders/stream: layout of engine and session, shared by its files only. The contract is tcp_session.h.
//
// A session has two streams, named by the direction their bytes flow. Numbers that concern a stream's bytes (isn, next_seq, last_ack,
// window) are kept with that stream, whoever sent them: last_ack and window come from its receiver.
#pragma once
#include "decoders/base/pool.h"
#include "decoders/stream/tcp_session.h"

#define TCP_WSCALE_MAX 14 // RFC 7323 2.3

static inline bool seq_lt(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static inline bool seq_leq(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) <= 0;
}

static inline bool seq_gt(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

static inline bool seq_geq(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) >= 0;
}

enum session_flag {
	SESSION_MIDSTREAM = 1 << 0,        // picked up without its SYN
	SESSION_MIDSTREAM_SYNACK = 1 << 1, // picked up at the SYN/ACK
	SESSION_ASYNC = 1 << 2,            // only one direction is seen
	SESSION_TIMESTAMP = 1 << 3,        // both sides use the option
	SESSION_CLIENT_WSCALE = 1 << 4,    // the SYN had a window scale
	SESSION_4WHS = 1 << 5,             // both sides sent a SYN
	SESSION_TFO = 1 << 6,
	SESSION_EVASION = 1 << 7,   // right sequence, wrong acknowledgement in the handshake
	SESSION_CONFIRMED = 1 << 8, // the server showed that it has the handshake's last ACK
	SESSION_CLOSED_BY_RST = 1 << 9,
	SESSION_FINISHED = 1 << 10,    // tcp_session_finish: the flow ends
	SESSION_ESTABLISHED = 1 << 11, // was established once
	SESSION_TFO_IGNORED = 1 << 13, // the server did not take the SYN's data
	SESSION_DEEP = 1 << 15,        // tcp_session_deepen
	SESSION_LOSSY = 1 << 14,       // packets did not reach us: what we think the windows are is behind
	SESSION_TURNED = 1 << 12,      // client and server were swapped while the packet was handled
};

enum stream_flag {
	STREAM_RST_RECV = 1 << 0,  // a reset came against this stream that its sender may ignore
	STREAM_KEEPALIVE = 1 << 1, // its sender asked whether the other side lives
	STREAM_TS = 1 << 2,        // its sender's SYN had a timestamp
	STREAM_ZERO_TS = 1 << 3,   // which was 0
	STREAM_DEPTH_REACHED = 1 << 4,
	STREAM_APP_STOPPED = 1 << 5,
	STREAM_RAW_STOPPED = 1 << 6,
	STREAM_RAW_TRIGGER = 1 << 7,
	STREAM_SEEN_DATA = 1 << 8,
	STREAM_APP_STALLED = 1 << 9, // the application waits for more than it was shown
	STREAM_END_TOLD = 1 << 10,
	STREAM_DEPTH_TOLD = 1 << 11,
	STREAM_GAP = 1 << 12,
	STREAM_POLICY_SET = 1 << 13,
	STREAM_APP_AT_ONCE = 1 << 14, // the application sees what was not acknowledged, too
};

#define STREAM_ALL_STOPPED (STREAM_APP_STOPPED | STREAM_RAW_STOPPED)

struct tcp_buffer;

// One direction's bytes, and what is known of them.
struct tcp_stream {
	struct tcp_buffer *buffer; // NULL while nothing is held
	uint64_t base_offset;      // everything before is released; base_seq is its sequence number
	uint32_t base_seq;
	uint32_t isn, next_seq, last_ack, next_win, window;
	uint32_t last_ts, last_pkt_s; // newest timestamp option and when (seconds)
	uint32_t right_seq;           // end of the furthest data seen
	uint32_t app_rel, raw_rel;    // consumers' positions from base_offset
	uint16_t flags;               // enum stream_flag
	uint16_t urgent_bytes;        // left out of the stream so far
	uint16_t raw_keep;            // bytes before the raw position that stay visible
	uint16_t mss;
	uint8_t wscale, policy, tcp_flags, regions;
};

// A SYN or SYN/ACK that was sent again and is not the same.
struct tcp_handshake {
	struct tcp_handshake *next;
	uint32_t seq, ack, ts, pkt_s, window;
	uint8_t wscale;
	bool has_ts, has_wscale;
};

struct tcp_session {
	struct tcp_stream streams[2];
	struct tcp_handshake *queue;
	uint32_t flags;          // enum session_flag
	uint8_t state, previous; // enum tcp_state
	uint8_t queue_len;
};
static_assert(sizeof(struct tcp_session) <= 160, "an idle flow and its session take at most 512 bytes");

// A byte string of the stream, in one piece.
struct tcp_block {
	struct tcp_block *next;
	uint64_t offset; // of its first byte
	uint8_t *data;
	uint32_t start, len, cap; // bytes lie at data + start
};

// What a segment brought, kept for the overlap policies, which look at where segments began and ended.
struct tcp_segment {
	uint64_t offset;
	uint32_t len;
	uint32_t pad;
};

struct tcp_buffer {
	struct tcp_block *first, *last;
	struct tcp_segment *segments; // sorted by offset; those before first_segment are gone
	uint32_t first_segment, segment_count, segment_cap;
	uint32_t block_count;
};

struct host_os {
	struct address net;
	uint8_t prefix_bits;
	uint8_t policy; // enum tcp_os_policy
};

#define HOST_OS_MAX 256

struct stream_engine {
	const struct stream_config *config;
	struct slab *slab;
	struct flow_table *flows;
	struct pool sessions;
	bool inline_mode; // resolved, as the next one
	int midstream_policy;
	uint64_t memcap_bytes, reassembly_memcap_bytes, reassembly_bytes;
	unsigned host_os_count;
	struct host_os host_os[HOST_OS_MAX];
	// The packet being handled: its payload may be viewed in place until tcp_session_packet_done
	struct packet *packet; // NULL between packets
	struct tcp_session *current;
	enum direction current_direction;
	uint64_t current_offset;     // of its payload in the stream
	struct span current_payload; // what was added to the stream; empty: nothing
	uint64_t hold
		[2];    // of the session at hand: frames want the bytes from there on; by tcp_session_packet_done alone
	bool pending;   // not copied yet
	bool raw_shown; // inline: the window of this packet was given
	uint32_t app_given; // bytes of the last view the application got
	uint64_t counters[STREAM_COUNTERS_END];
	uint64_t event_counts[PACKET_EVENTS_END];
	uint8_t scratch[65536]; // new data with the bytes older segments win
};

// One packet's way through the state machine.
struct turn {
	struct stream_engine *engine;
	struct packet *packet;
	const struct tcp_header *tcp;
	struct tcp_session *session;          // NULL before it is made
	struct tcp_stream *sender, *receiver; // streams of the packet's direction and the other
	enum direction direction;
	uint32_t len;   // payload bytes
	uint32_t end;   // seq + len
	bool update[2]; // the application may have something new in this direction
	struct stream_result result;
};

// session.c
void turn_event(struct turn *turn, enum packet_event event);
void turn_set_state(struct turn *turn, enum tcp_state state);
// Takes the packet's payload into the sender's stream and notes which directions the application should look at.
bool turn_take_data(struct turn *turn);
bool turn_dispatch(struct turn *turn, enum tcp_state state);

// new_session.c, handshake.c, established.c, closing.c, reset.c: what each state does. False: the packet does not fit.
bool state_none(struct turn *turn);
bool state_syn_sent(struct turn *turn);
bool state_syn_recv(struct turn *turn);
bool state_established(struct turn *turn);
bool state_fin_wait1(struct turn *turn);
bool state_fin_wait2(struct turn *turn);
bool state_time_wait(struct turn *turn);
bool state_last_ack(struct turn *turn);
bool state_close_wait(struct turn *turn);
bool state_closing(struct turn *turn);
bool state_closed(struct turn *turn);
bool handle_fin(struct turn *turn);
bool handle_reset(struct turn *turn);
bool reset_is_valid(struct turn *turn);
void close_by_reset(struct turn *turn);
void check_after_reset(struct turn *turn);

// new_session.c
void stream_set_isn(struct tcp_stream *stream, uint32_t isn);

// handshake_queue.c: SYNs and SYN/ACKs sent again with other numbers, until one is answered
bool queue_syn(struct turn *turn);
bool queue_synack(struct turn *turn);
const struct tcp_handshake *queue_find_syn(const struct turn *turn);
const struct tcp_handshake *queue_find_synack(const struct turn *turn);
struct tcp_handshake handshake_of(const struct turn *turn);
void queue_clear(struct stream_engine *engine, struct tcp_session *session);

// checks.c
bool ack_is_valid(struct turn *turn, const struct tcp_stream *stream);
bool is_retransmission(struct turn *turn);
bool is_keepalive(struct turn *turn);
bool is_keepalive_answer(struct turn *turn);
bool is_bad_window_update(struct turn *turn);
bool is_window_update(const struct turn *turn);
bool is_fin_shutdown_ack(const struct turn *turn);
bool is_outdated_ack(const struct turn *turn);
bool is_spurious_retransmission(struct turn *turn);
void update_last_ack(struct tcp_stream *stream, uint32_t ack);
void update_next_win(struct tcp_stream *stream, uint32_t right);
static inline uint32_t scaled_window(const struct turn *turn)
{
	return (uint32_t)turn->tcp->window << turn->receiver->wscale;
}

// timestamps.c
bool timestamp_is_valid(struct turn *turn);
void timestamp_update(struct turn *turn);

// host_os.c
void host_os_load(struct stream_engine *engine);
// Policy of who receives the packet's bytes.
enum tcp_os_policy turn_policy(struct turn *turn);

// buffer.c: bytes of one direction by offset
bool buffer_write(
	struct stream_engine *engine, struct tcp_stream *stream, uint64_t offset, const uint8_t *data, uint32_t len);
void buffer_release(struct stream_engine *engine, struct tcp_stream *stream, uint64_t before);
void buffer_free(struct stream_engine *engine, struct tcp_stream *stream);
// Block that holds offset, else the first one after it, else NULL.
const struct tcp_block *buffer_find(const struct tcp_stream *stream, uint64_t offset);
bool buffer_charge(struct stream_engine *engine, size_t size);
void buffer_refund(struct stream_engine *engine, size_t size);

// segments.c
// Takes payload at offset (not before the base) into the stream by the overlap policy. False: no room.
bool segments_add(struct turn *turn, uint64_t offset, struct span payload);
// Remembers a segment without overlap. False: over budget.
bool segments_note(struct stream_engine *engine, struct tcp_stream *stream, uint64_t offset, uint32_t len);
void segments_release(struct tcp_buffer *buffer, uint64_t before);

// reassemble.c
bool reassemble(struct turn *turn);
static inline uint64_t stream_offset_of(const struct tcp_stream *stream, uint32_t seq)
{
	return stream->base_offset + (uint64_t)(int64_t)(int32_t)(seq - stream->base_seq);
}
// Everything before it was acknowledged.
uint64_t stream_acked(const struct tcp_stream *stream);
// End of what is held, with the current packet's payload.
uint64_t stream_right(const struct stream_engine *engine, const struct tcp_session *session, enum direction direction);
bool current_is(const struct stream_engine *engine, const struct tcp_session *session, enum direction direction);

// views.c
bool app_has_news(struct stream_engine *engine, struct tcp_session *session, enum direction direction);
