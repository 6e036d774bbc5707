// SPDX-License-Identifier: GPL-3.0-or-later
// Packet decoder: one captured frame in, the packets it holds out (itself, those inside its tunnels, and a datagram whose last
// fragment it was).
//
// Life cycle   packet_decoder_new -> packet_decode ... -> packet_decoder_free
// Memory       the defragmenter's budget, taken from its own slab; everything else is in the caller's batch
// Bounds       at most PACKETS_MAX packets and DECODE_LAYERS_MAX headers a frame; beyond that the event too_many_layers
// Threads      one decoder belongs to one worker
#pragma once
#include "decoders/base/option.h"
#include "decoders/packet/events.h"
#include "decoders/packet/packet.h"

#define DECODE_LAYERS_MAX 16

struct packet_config {
	bool vxlan_enabled, geneve_enabled, teredo_enabled, erspan_type1_enabled, vntag_enabled, gtp_enabled;
	bool offloaded_segments;                         // taken, or malformed as a host would say
	char *vxlan_ports, *geneve_ports, *teredo_ports; // "4789", "[4789,8472]"
	uint64_t defrag_memcap_bytes;
	uint64_t defrag_timeout_s;
	uint64_t defrag_max_trackers;
	uint64_t defrag_max_fragments;
	int checksum_mode;                // enum checksum_mode
	struct option_map host_os_policy; // policy name -> address list text
};

enum checksum_mode {
	CHECKSUM_ALL,  // verify; a bad packet is counted, has the event, and is kept out of the stream
	CHECKSUM_NONE, // -k none: not verified
	CHECKSUM_AUTO, // off when more than a tenth of the first thousand were wrong (offloading), as the field's "auto"
};

extern const struct option packet_options[];

// Counter row of the decoder; names (EVE stats paths such as "decoder.ipv4") in packet_counter_names.
#define PACKET_COUNTERS(X)                                               \
	X(PACKET_COUNT_PKTS, "decoder.pkts")                             \
	X(PACKET_COUNT_BYTES, "decoder.bytes")                           \
	X(PACKET_COUNT_INVALID, "decoder.invalid")                       \
	X(PACKET_COUNT_IPV4, "decoder.ipv4")                             \
	X(PACKET_COUNT_IPV6, "decoder.ipv6")                             \
	X(PACKET_COUNT_ETHERNET, "decoder.ethernet")                     \
	X(PACKET_COUNT_ARP, "decoder.arp")                               \
	X(PACKET_COUNT_UNKNOWN_ETHERTYPE, "decoder.unknown_ethertype")   \
	X(PACKET_COUNT_CHDLC, "decoder.chdlc")                           \
	X(PACKET_COUNT_RAW, "decoder.raw")                               \
	X(PACKET_COUNT_NULL, "decoder.null")                             \
	X(PACKET_COUNT_SLL, "decoder.sll")                               \
	X(PACKET_COUNT_SLL2, "decoder.sll2")                             \
	X(PACKET_COUNT_TCP, "decoder.tcp")                               \
	X(PACKET_COUNT_UDP, "decoder.udp")                               \
	X(PACKET_COUNT_SCTP, "decoder.sctp")                             \
	X(PACKET_COUNT_ESP, "decoder.esp")                               \
	X(PACKET_COUNT_ICMPV4, "decoder.icmpv4")                         \
	X(PACKET_COUNT_ICMPV6, "decoder.icmpv6")                         \
	X(PACKET_COUNT_PPP, "decoder.ppp")                               \
	X(PACKET_COUNT_PPPOE, "decoder.pppoe")                           \
	X(PACKET_COUNT_GENEVE, "decoder.geneve")                         \
	X(PACKET_COUNT_GRE, "decoder.gre")                               \
	X(PACKET_COUNT_GTPU, "decoder.gtpu")                             \
	X(PACKET_COUNT_VLAN, "decoder.vlan")                             \
	X(PACKET_COUNT_VLAN_QINQ, "decoder.vlan_qinq")                   \
	X(PACKET_COUNT_VLAN_QINQINQ, "decoder.vlan_qinqinq")             \
	X(PACKET_COUNT_VXLAN, "decoder.vxlan")                           \
	X(PACKET_COUNT_VNTAG, "decoder.vntag")                           \
	X(PACKET_COUNT_TEREDO, "decoder.teredo")                         \
	X(PACKET_COUNT_IPV4_IN_IPV4, "decoder.ipv4_in_ipv4")             \
	X(PACKET_COUNT_IPV4_IN_IPV6, "decoder.ipv4_in_ipv6")             \
	X(PACKET_COUNT_IPV6_IN_IPV4, "decoder.ipv6_in_ipv4")             \
	X(PACKET_COUNT_IPV6_IN_IPV6, "decoder.ipv6_in_ipv6")             \
	X(PACKET_COUNT_MPLS, "decoder.mpls")                             \
	X(PACKET_COUNT_ERSPAN, "decoder.erspan")                         \
	X(PACKET_COUNT_NSH, "decoder.nsh")                               \
	X(PACKET_COUNT_IGMP, "decoder.igmp")                             \
	X(PACKET_COUNT_AH, "decoder.ah")                                 \
	X(PACKET_COUNT_MAX_SIZE, "decoder.max_pkt_size")                 \
	X(PACKET_COUNT_TOO_MANY_LAYERS, "decoder.too_many_layers")       \
	X(PACKET_COUNT_OFFLOADED_REFUSED, "decoder.offloaded_refused")   \
	X(PACKET_COUNT_BAD_IP_CHECKSUM, "decoder.ipv4_invalid_checksum") \
	X(PACKET_COUNT_BAD_L4_CHECKSUM, "decoder.l4_invalid_checksum")   \
	X(PACKET_COUNT_FRAGMENTS_V4, "defrag.ipv4.fragments")            \
	X(PACKET_COUNT_REASSEMBLED_V4, "defrag.ipv4.reassembled")        \
	X(PACKET_COUNT_FRAGMENTS_V6, "defrag.ipv6.fragments")            \
	X(PACKET_COUNT_REASSEMBLED_V6, "defrag.ipv6.reassembled")        \
	X(PACKET_COUNT_DEFRAG_TIMEOUT, "defrag.tracker_timeout")         \
	X(PACKET_COUNT_DEFRAG_MEMCAP, "defrag.memcap_drops")             \
	X(PACKET_COUNT_DEFRAG_EVICTED, "defrag.tracker_hard_reuse")

#define PACKET_COUNTER_CONSTANT(constant, name) constant,
enum packet_counter { PACKET_COUNTERS(PACKET_COUNTER_CONSTANT) PACKET_COUNTERS_END };
extern const char *const packet_counter_names[PACKET_COUNTERS_END];

struct packet_decoder;

// config is borrowed for the decoder's life. NULL with a logged reason when it is not usable (bad port list) or no memory.
struct packet_decoder *packet_decoder_new(const struct packet_config *config);
void packet_decoder_free(struct packet_decoder *decoder);

// Decodes frame (captured bytes; wire_len on the wire) taken at ts_ns into batch. Packet 0 is the outermost; every packet that
// should be inspected is in the batch: an inner packet's carrier too, fragments themselves flagged PACKET_FRAGMENT, followed
// by the reassembled datagram when this frame completed it. Malformed input is a result (events, PACKET_INVALID), never an error.
void packet_decode(struct packet_decoder *decoder, struct span frame, uint32_t wire_len, uint64_t ts_ns,
	uint64_t number, enum linktype linktype, struct packet_batch *batch);

// Cheap look at the innermost addresses, for spreading frames over workers: symmetric, the same for both directions and for all
// fragments of a datagram; of an ICMP destination unreachable the addresses it quotes. 0 when the frame holds no IP. Any decoder with the
// same config gives the same.
uint64_t packet_spread_hash(const struct packet_decoder *decoder, struct span frame, enum linktype linktype);

// CHECKSUM_AUTO judges by the first thousand checksums a decoder meets. Where several share a capture file, one that sees every frame judges
// for all, so that their number makes no difference: judging says that it has not decided yet, verifies what it does with the next frame, and
// packet_decoder_set_verify tells the others.
bool packet_decoder_judging(const struct packet_decoder *decoder);
bool packet_decoder_verifies(const struct packet_decoder *decoder);
void packet_decoder_set_verify(struct packet_decoder *decoder, bool verify);
// No more frames come, or none shall be waited for: it judges by those there were.
void packet_decoder_judge(struct packet_decoder *decoder);

bool packet_linktype_supported(enum linktype linktype);

// One writer; another thread may read with relaxed loads.
const uint64_t *packet_decoder_counters(const struct packet_decoder *decoder);
// Events counted by number (PACKET_EVENTS_END entries; decode events only).
const uint64_t *packet_decoder_event_counts(const struct packet_decoder *decoder);
