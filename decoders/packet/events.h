// SPDX-License-Identifier: GPL-3.0-or-later
// Events a packet can carry: what the decoder and the TCP session found wrong. Names are those of the rule keywords decode-event
// and stream-event and of EVE's anomaly events (without their "decoder."/"stream." family), one numbering for both families.
#pragma once
#include <stdbool.h>
#include <stdint.h>

// X(constant, name)
#define DECODE_EVENTS(X)                                                                   \
	X(DECODE_AFPACKET_TRUNC_PKT, "afpacket.trunc_pkt")                                 \
	X(DECODE_CHDLC_PKT_TOO_SMALL, "chdlc.pkt_too_small")                               \
	X(DECODE_DCE_PKT_TOO_SMALL, "dce.pkt_too_small")                                   \
	X(DECODE_ERSPAN_HEADER_TOO_SMALL, "erspan.header_too_small")                       \
	X(DECODE_ERSPAN_TOO_MANY_VLAN_LAYERS, "erspan.too_many_vlan_layers")               \
	X(DECODE_ERSPAN_UNSUPPORTED_VERSION, "erspan.unsupported_version")                 \
	X(DECODE_ETHERNET_PKT_TOO_SMALL, "ethernet.pkt_too_small")                         \
	X(DECODE_ETHERNET_UNKNOWN_ETHERTYPE, "ethernet.unknown_ethertype")                 \
	X(DECODE_GRE_PKT_TOO_SMALL, "gre.pkt_too_small")                                   \
	X(DECODE_GRE_VERSION0_FLAGS, "gre.version0_flags")                                 \
	X(DECODE_GRE_VERSION0_HDR_TOO_BIG, "gre.version0_hdr_too_big")                     \
	X(DECODE_GRE_VERSION0_RECUR, "gre.version0_recur")                                 \
	X(DECODE_GRE_VERSION1_CHKSUM, "gre.version1_chksum")                               \
	X(DECODE_GRE_VERSION1_FLAGS, "gre.version1_flags")                                 \
	X(DECODE_GRE_VERSION1_HDR_TOO_BIG, "gre.version1_hdr_too_big")                     \
	X(DECODE_GRE_VERSION1_MALFORMED_SRE_HDR, "gre.version1_malformed_sre_hdr")         \
	X(DECODE_GRE_VERSION1_NO_KEY, "gre.version1_no_key")                               \
	X(DECODE_GRE_VERSION1_RECUR, "gre.version1_recur")                                 \
	X(DECODE_GRE_VERSION1_ROUTE, "gre.version1_route")                                 \
	X(DECODE_GRE_VERSION1_SSR, "gre.version1_ssr")                                     \
	X(DECODE_GRE_VERSION1_WRONG_PROTOCOL, "gre.version1_wrong_protocol")               \
	X(DECODE_GRE_WRONG_VERSION, "gre.wrong_version")                                   \
	X(DECODE_ICMPV4_IPV4_TRUNC_PKT, "icmpv4.ipv4_trunc_pkt")                           \
	X(DECODE_ICMPV4_IPV4_UNKNOWN_VER, "icmpv4.ipv4_unknown_ver")                       \
	X(DECODE_ICMPV4_PKT_TOO_SMALL, "icmpv4.pkt_too_small")                             \
	X(DECODE_ICMPV4_UNKNOWN_CODE, "icmpv4.unknown_code")                               \
	X(DECODE_ICMPV4_UNKNOWN_TYPE, "icmpv4.unknown_type")                               \
	X(DECODE_ICMPV6_EXPERIMENTATION_TYPE, "icmpv6.experimentation_type")               \
	X(DECODE_ICMPV6_IPV6_TRUNC_PKT, "icmpv6.ipv6_trunc_pkt")                           \
	X(DECODE_ICMPV6_IPV6_UNKNOWN_VERSION, "icmpv6.ipv6_unknown_version")               \
	X(DECODE_ICMPV6_MLD_MESSAGE_WITH_INVALID_HL, "icmpv6.mld_message_with_invalid_hl") \
	X(DECODE_ICMPV6_PKT_TOO_SMALL, "icmpv6.pkt_too_small")                             \
	X(DECODE_ICMPV6_UNASSIGNED_TYPE, "icmpv6.unassigned_type")                         \
	X(DECODE_ICMPV6_UNKNOWN_CODE, "icmpv6.unknown_code")                               \
	X(DECODE_ICMPV6_UNKNOWN_TYPE, "icmpv6.unknown_type")                               \
	X(DECODE_IEEE8021AH_HEADER_TOO_SMALL, "ieee8021ah.header_too_small")               \
	X(DECODE_IPRAW_INVALID_IP_VERSION, "ipraw.invalid_ip_version")                     \
	X(DECODE_IPV4_FRAG_OVERLAP, "ipv4.frag_overlap")                                   \
	X(DECODE_IPV4_FRAG_PKT_TOO_LARGE, "ipv4.frag_pkt_too_large")                       \
	X(DECODE_IPV4_HLEN_TOO_SMALL, "ipv4.hlen_too_small")                               \
	X(DECODE_IPV4_ICMPV6, "ipv4.icmpv6")                                               \
	X(DECODE_IPV4_IPLEN_SMALLER_THAN_HLEN, "ipv4.iplen_smaller_than_hlen")             \
	X(DECODE_IPV4_OPT_DUPLICATE, "ipv4.opt_duplicate")                                 \
	X(DECODE_IPV4_OPT_EOL_REQUIRED, "ipv4.opt_eol_required")                           \
	X(DECODE_IPV4_OPT_INVALID, "ipv4.opt_invalid")                                     \
	X(DECODE_IPV4_OPT_INVALID_LEN, "ipv4.opt_invalid_len")                             \
	X(DECODE_IPV4_OPT_MALFORMED, "ipv4.opt_malformed")                                 \
	X(DECODE_IPV4_OPT_PAD_REQUIRED, "ipv4.opt_pad_required")                           \
	X(DECODE_IPV4_OPT_UNKNOWN, "ipv4.opt_unknown")                                     \
	X(DECODE_IPV4_PKT_TOO_SMALL, "ipv4.pkt_too_small")                                 \
	X(DECODE_IPV4_TRUNC_PKT, "ipv4.trunc_pkt")                                         \
	X(DECODE_IPV4_WRONG_IP_VERSION, "ipv4.wrong_ip_version")                           \
	X(DECODE_IPV6_DATA_AFTER_NONE_HEADER, "ipv6.data_after_none_header")               \
	X(DECODE_IPV6_DSTOPTS_ONLY_PADDING, "ipv6.dstopts_only_padding")                   \
	X(DECODE_IPV6_DSTOPTS_UNKNOWN_OPT, "ipv6.dstopts_unknown_opt")                     \
	X(DECODE_IPV6_EXTHDR_AH_RES_NOT_NULL, "ipv6.exthdr_ah_res_not_null")               \
	X(DECODE_IPV6_EXTHDR_DUPL_AH, "ipv6.exthdr_dupl_ah")                               \
	X(DECODE_IPV6_EXTHDR_DUPL_DH, "ipv6.exthdr_dupl_dh")                               \
	X(DECODE_IPV6_EXTHDR_DUPL_EH, "ipv6.exthdr_dupl_eh")                               \
	X(DECODE_IPV6_EXTHDR_DUPL_FH, "ipv6.exthdr_dupl_fh")                               \
	X(DECODE_IPV6_EXTHDR_DUPL_HH, "ipv6.exthdr_dupl_hh")                               \
	X(DECODE_IPV6_EXTHDR_DUPL_RH, "ipv6.exthdr_dupl_rh")                               \
	X(DECODE_IPV6_EXTHDR_INVALID_OPTLEN, "ipv6.exthdr_invalid_optlen")                 \
	X(DECODE_IPV6_EXTHDR_USELESS_FH, "ipv6.exthdr_useless_fh")                         \
	X(DECODE_IPV6_FH_NON_ZERO_RESERVED_FIELD, "ipv6.fh_non_zero_reserved_field")       \
	X(DECODE_IPV6_FRAG_INVALID_LENGTH, "ipv6.frag_invalid_length")                     \
	X(DECODE_IPV6_FRAG_OVERLAP, "ipv6.frag_overlap")                                   \
	X(DECODE_IPV6_FRAG_PKT_TOO_LARGE, "ipv6.frag_pkt_too_large")                       \
	X(DECODE_IPV6_HOPOPTS_ONLY_PADDING, "ipv6.hopopts_only_padding")                   \
	X(DECODE_IPV6_HOPOPTS_UNKNOWN_OPT, "ipv6.hopopts_unknown_opt")                     \
	X(DECODE_IPV6_ICMPV4, "ipv6.icmpv4")                                               \
	X(DECODE_IPV6_IPV4_IN_IPV6_TOO_SMALL, "ipv6.ipv4_in_ipv6_too_small")               \
	X(DECODE_IPV6_IPV4_IN_IPV6_WRONG_VERSION, "ipv6.ipv4_in_ipv6_wrong_version")       \
	X(DECODE_IPV6_IPV6_IN_IPV6_TOO_SMALL, "ipv6.ipv6_in_ipv6_too_small")               \
	X(DECODE_IPV6_IPV6_IN_IPV6_WRONG_VERSION, "ipv6.ipv6_in_ipv6_wrong_version")       \
	X(DECODE_IPV6_PKT_TOO_SMALL, "ipv6.pkt_too_small")                                 \
	X(DECODE_IPV6_RH_TYPE_0, "ipv6.rh_type_0")                                         \
	X(DECODE_IPV6_TRUNC_EXTHDR, "ipv6.trunc_exthdr")                                   \
	X(DECODE_IPV6_TRUNC_PKT, "ipv6.trunc_pkt")                                         \
	X(DECODE_IPV6_UNKNOWN_NEXT_HEADER, "ipv6.unknown_next_header")                     \
	X(DECODE_IPV6_WRONG_IP_VERSION, "ipv6.wrong_ip_version")                           \
	X(DECODE_IPV6_ZERO_LEN_PADN, "ipv6.zero_len_padn")                                 \
	X(DECODE_LTNULL_PKT_TOO_SMALL, "ltnull.pkt_too_small")                             \
	X(DECODE_LTNULL_UNSUPPORTED_TYPE, "ltnull.unsupported_type")                       \
	X(DECODE_MPLS_BAD_LABEL_IMPLICIT_NULL, "mpls.bad_label_implicit_null")             \
	X(DECODE_MPLS_BAD_LABEL_RESERVED, "mpls.bad_label_reserved")                       \
	X(DECODE_MPLS_BAD_LABEL_ROUTER_ALERT, "mpls.bad_label_router_alert")               \
	X(DECODE_MPLS_HEADER_TOO_SMALL, "mpls.header_too_small")                           \
	X(DECODE_MPLS_PKT_TOO_SMALL, "mpls.pkt_too_small")                                 \
	X(DECODE_MPLS_UNKNOWN_PAYLOAD_TYPE, "mpls.unknown_payload_type")                   \
	X(DECODE_PPP_IP4_PKT_TOO_SMALL, "ppp.ip4_pkt_too_small")                           \
	X(DECODE_PPP_IP6_PKT_TOO_SMALL, "ppp.ip6_pkt_too_small")                           \
	X(DECODE_PPP_PKT_TOO_SMALL, "ppp.pkt_too_small")                                   \
	X(DECODE_PPP_UNSUP_PROTO, "ppp.unsup_proto")                                       \
	X(DECODE_PPP_VJU_PKT_TOO_SMALL, "ppp.vju_pkt_too_small")                           \
	X(DECODE_PPP_WRONG_TYPE, "ppp.wrong_type")                                         \
	X(DECODE_PPPOE_MALFORMED_TAGS, "pppoe.malformed_tags")                             \
	X(DECODE_PPPOE_PKT_TOO_SMALL, "pppoe.pkt_too_small")                               \
	X(DECODE_PPPOE_WRONG_CODE, "pppoe.wrong_code")                                     \
	X(DECODE_SLL_PKT_TOO_SMALL, "sll.pkt_too_small")                                   \
	X(DECODE_TCP_HLEN_TOO_SMALL, "tcp.hlen_too_small")                                 \
	X(DECODE_TCP_INVALID_OPTLEN, "tcp.invalid_optlen")                                 \
	X(DECODE_TCP_OPT_DUPLICATE, "tcp.opt_duplicate")                                   \
	X(DECODE_TCP_OPT_INVALID_LEN, "tcp.opt_invalid_len")                               \
	X(DECODE_TCP_PKT_TOO_SMALL, "tcp.pkt_too_small")                                   \
	X(DECODE_TOO_MANY_LAYERS, "too_many_layers")                                       \
	X(DECODE_UDP_HLEN_TOO_SMALL, "udp.hlen_too_small")                                 \
	X(DECODE_UDP_LEN_INVALID, "udp.len_invalid")                                       \
	X(DECODE_UDP_PKT_TOO_SMALL, "udp.pkt_too_small")                                   \
	X(DECODE_VLAN_HEADER_TOO_SMALL, "vlan.header_too_small")                           \
	X(DECODE_VLAN_TOO_MANY_LAYERS, "vlan.too_many_layers")                             \
	X(DECODE_VLAN_UNKNOWN_TYPE, "vlan.unknown_type")                                   \
	X(DECODE_VNTAG_HEADER_TOO_SMALL, "vntag.header_too_small")                         \
	X(DECODE_VNTAG_UNKNOWN_TYPE, "vntag.unknown_type")                                 \
	X(DECODE_GTP_MALFORMED, "gtp.malformed")                                           \
	X(DECODE_GENEVE_MALFORMED, "geneve.malformed")                                     \
	X(DECODE_VXLAN_MALFORMED, "vxlan.malformed")                                       \
	X(DECODE_TEREDO_MALFORMED, "teredo.malformed")                                     \
	X(DECODE_ESP_PKT_TOO_SMALL, "esp.pkt_too_small")                                   \
	X(DECODE_AH_MALFORMED, "ah.malformed")                                             \
	X(DECODE_SCTP_PKT_TOO_SMALL, "sctp.pkt_too_small")                                 \
	X(DECODE_ARP_PKT_TOO_SMALL, "arp.pkt_too_small")                                   \
	X(DECODE_ARP_UNSUPPORTED_HARDWARE, "arp.unsupported_hardware")                     \
	X(DECODE_ARP_UNSUPPORTED_PROTOCOL, "arp.unsupported_protocol")                     \
	X(DECODE_ARP_INVALID_HARDWARE_SIZE, "arp.invalid_hardware_size")                   \
	X(DECODE_ARP_INVALID_PROTOCOL_SIZE, "arp.invalid_protocol_size")                   \
	X(DECODE_ARP_UNSUPPORTED_OPCODE, "arp.unsupported_opcode")                         \
	X(DECODE_IGMP_PKT_TOO_SMALL, "igmp.pkt_too_small")                                 \
	X(DECODE_IGMP_CHECKSUM_INVALID, "igmp.checksum_invalid")                           \
	X(DECODE_SLL2_PKT_TOO_SMALL, "sll2.pkt_too_small")                                 \
	X(DECODE_NSH_HEADER_TOO_SMALL, "nsh.header_too_small")                             \
	X(DECODE_NSH_UNSUPPORTED_VERSION, "nsh.unsupported_version")                       \
	X(DECODE_NSH_BAD_HEADER_LENGTH, "nsh.bad_header_length")                           \
	X(DECODE_NSH_RESERVED_TYPE, "nsh.reserved_type")                                   \
	X(DECODE_NSH_UNSUPPORTED_TYPE, "nsh.unsupported_type")                             \
	X(DECODE_NSH_UNKNOWN_PAYLOAD, "nsh.unknown_payload")                               \
	X(DECODE_LOOP_PKT_TOO_SMALL, "loop.pkt_too_small")

#define STREAM_EVENTS(X)                                                                         \
	X(STREAM_3WHS_ACK_DATA_INJECT, "3whs_ack_data_inject")                                   \
	X(STREAM_3WHS_ACK_IN_WRONG_DIR, "3whs_ack_in_wrong_dir")                                 \
	X(STREAM_3WHS_ASYNC_WRONG_SEQ, "3whs_async_wrong_seq")                                   \
	X(STREAM_3WHS_RIGHT_SEQ_WRONG_ACK_EVASION, "3whs_right_seq_wrong_ack_evasion")           \
	X(STREAM_3WHS_SYN_FLOOD, "3whs_syn_flood")                                               \
	X(STREAM_3WHS_SYN_RESEND_DIFF_SEQ_ON_SYN_RECV, "3whs_syn_resend_diff_seq_on_syn_recv")   \
	X(STREAM_3WHS_SYN_TOCLIENT_ON_SYN_RECV, "3whs_syn_toclient_on_syn_recv")                 \
	X(STREAM_3WHS_SYNACK_FLOOD, "3whs_synack_flood")                                         \
	X(STREAM_3WHS_SYNACK_IN_WRONG_DIRECTION, "3whs_synack_in_wrong_direction")               \
	X(STREAM_3WHS_SYNACK_RESEND_WITH_DIFF_SEQ, "3whs_synack_resend_with_diff_seq")           \
	X(STREAM_3WHS_SYNACK_RESEND_WITH_DIFFERENT_ACK, "3whs_synack_resend_with_different_ack") \
	X(STREAM_3WHS_SYNACK_TFO_DATA_IGNORED, "3whs_synack_tfo_data_ignored")                   \
	X(STREAM_3WHS_SYNACK_TOSERVER_ON_SYN_RECV, "3whs_synack_toserver_on_syn_recv")           \
	X(STREAM_3WHS_SYNACK_WITH_WRONG_ACK, "3whs_synack_with_wrong_ack")                       \
	X(STREAM_3WHS_WRONG_SEQ_WRONG_ACK, "3whs_wrong_seq_wrong_ack")                           \
	X(STREAM_4WHS_INVALID_ACK, "4whs_invalid_ack")                                           \
	X(STREAM_4WHS_SYNACK_WITH_WRONG_ACK, "4whs_synack_with_wrong_ack")                       \
	X(STREAM_4WHS_SYNACK_WITH_WRONG_SYN, "4whs_synack_with_wrong_syn")                       \
	X(STREAM_4WHS_WRONG_SEQ, "4whs_wrong_seq")                                               \
	X(STREAM_CLOSEWAIT_ACK_OUT_OF_WINDOW, "closewait_ack_out_of_window")                     \
	X(STREAM_CLOSEWAIT_FIN_OUT_OF_WINDOW, "closewait_fin_out_of_window")                     \
	X(STREAM_CLOSEWAIT_INVALID_ACK, "closewait_invalid_ack")                                 \
	X(STREAM_CLOSEWAIT_PKT_BEFORE_LAST_ACK, "closewait_pkt_before_last_ack")                 \
	X(STREAM_CLOSING_ACK_WRONG_SEQ, "closing_ack_wrong_seq")                                 \
	X(STREAM_CLOSING_INVALID_ACK, "closing_invalid_ack")                                     \
	X(STREAM_EST_INVALID_ACK, "est_invalid_ack")                                             \
	X(STREAM_EST_PACKET_OUT_OF_WINDOW, "est_packet_out_of_window")                           \
	X(STREAM_EST_PKT_BEFORE_LAST_ACK, "est_pkt_before_last_ack")                             \
	X(STREAM_EST_SYN_RESEND, "est_syn_resend")                                               \
	X(STREAM_EST_SYN_RESEND_DIFF_SEQ, "est_syn_resend_diff_seq")                             \
	X(STREAM_EST_SYN_TOCLIENT, "est_syn_toclient")                                           \
	X(STREAM_EST_SYNACK_RESEND, "est_synack_resend")                                         \
	X(STREAM_EST_SYNACK_RESEND_WITH_DIFF_SEQ, "est_synack_resend_with_diff_seq")             \
	X(STREAM_EST_SYNACK_RESEND_WITH_DIFFERENT_ACK, "est_synack_resend_with_different_ack")   \
	X(STREAM_EST_SYNACK_TOSERVER, "est_synack_toserver")                                     \
	X(STREAM_FIN1_ACK_WRONG_SEQ, "fin1_ack_wrong_seq")                                       \
	X(STREAM_FIN1_FIN_WRONG_SEQ, "fin1_fin_wrong_seq")                                       \
	X(STREAM_FIN1_INVALID_ACK, "fin1_invalid_ack")                                           \
	X(STREAM_FIN2_ACK_WRONG_SEQ, "fin2_ack_wrong_seq")                                       \
	X(STREAM_FIN2_FIN_WRONG_SEQ, "fin2_fin_wrong_seq")                                       \
	X(STREAM_FIN2_INVALID_ACK, "fin2_invalid_ack")                                           \
	X(STREAM_FIN_BUT_NO_SESSION, "fin_but_no_session")                                       \
	X(STREAM_FIN_INVALID_ACK, "fin_invalid_ack")                                             \
	X(STREAM_FIN_OUT_OF_WINDOW, "fin_out_of_window")                                         \
	X(STREAM_FIN_SYN, "fin_syn")                                                             \
	X(STREAM_LASTACK_ACK_WRONG_SEQ, "lastack_ack_wrong_seq")                                 \
	X(STREAM_LASTACK_INVALID_ACK, "lastack_invalid_ack")                                     \
	X(STREAM_PKT_BAD_WINDOW_UPDATE, "pkt_bad_window_update")                                 \
	X(STREAM_PKT_BROKEN_ACK, "pkt_broken_ack")                                               \
	X(STREAM_PKT_INVALID_ACK, "pkt_invalid_ack")                                             \
	X(STREAM_PKT_INVALID_TIMESTAMP, "pkt_invalid_timestamp")                                 \
	X(STREAM_PKT_RETRANSMISSION, "pkt_retransmission")                                       \
	X(STREAM_PKT_SPURIOUS_RETRANSMISSION, "pkt_spurious_retransmission")                     \
	X(STREAM_REASSEMBLY_DEPTH_REACHED, "reassembly_depth_reached")                           \
	X(STREAM_REASSEMBLY_OVERLAP_DIFFERENT_DATA, "reassembly_overlap_different_data")         \
	X(STREAM_REASSEMBLY_SEGMENT_BEFORE_BASE_SEQ, "reassembly_segment_before_base_seq")       \
	X(STREAM_REASSEMBLY_SEQ_GAP, "reassembly_seq_gap")                                       \
	X(STREAM_REASSEMBLY_URGENT_OOB_LIMIT_REACHED, "reassembly_urgent_oob_limit_reached")     \
	X(STREAM_RST_BUT_NO_SESSION, "rst_but_no_session")                                       \
	X(STREAM_RST_INVALID_ACK, "rst_invalid_ack")                                             \
	X(STREAM_SHUTDOWN_SYN_RESEND, "shutdown_syn_resend")                                     \
	X(STREAM_SUSPECTED_RST_INJECT, "suspected_rst_inject")                                   \
	X(STREAM_TIMEWAIT_ACK_WRONG_SEQ, "timewait_ack_wrong_seq")                               \
	X(STREAM_TIMEWAIT_INVALID_ACK, "timewait_invalid_ack")                                   \
	X(STREAM_WRONG_THREAD, "wrong_thread")

#define PACKET_EVENT_CONSTANT(constant, name) constant,
enum packet_event {
	EVENT_NONE,
	DECODE_EVENTS(PACKET_EVENT_CONSTANT) DECODE_EVENTS_END, // decode events lie below, stream events above
	STREAM_EVENTS(PACKET_EVENT_CONSTANT) PACKET_EVENTS_END,
};

// Name without family, as after "decode-event:" or "stream-event:".
const char *packet_event_name(uint16_t event);
// By that name. EVENT_NONE when there is no such event. stream: look among stream events.
uint16_t packet_event_find(const char *name, bool stream);

static inline bool packet_event_is_stream(uint16_t event)
{
	return event > DECODE_EVENTS_END;
}
