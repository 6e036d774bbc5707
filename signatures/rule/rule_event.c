// SPDX-License-Identifier: GPL-3.0-or-later
// Events that rules may ask for and that no parser of ours raises (yet): of protocols without a parser, and those a parser leaves out.
#include "signatures/rule/rule_event.h"
#include <stddef.h>
#include <strings.h>

static const char *const bittorrent_dht_events[] = {
	"malformed_packet",
	NULL,
};

static const char *const dhcp_events[] = {
	"malformed_options",
	"truncated_options",
	NULL,
};

static const char *const dns_events[] = {
	"infinite_loop",
	"invalid_additionals",
	"invalid_authorities",
	"invalid_opcode",
	"malformed_data",
	"name_too_long",
	"not_request",
	"not_response",
	"too_many_labels",
	"z_flag_set",
	NULL,
};

static const char *const ftp_events[] = {
	"file_before_port",
	"file_without_name",
	"request_command_too_long",
	"response_command_too_long",
	"too_many_transactions",
	NULL,
};

static const char *const http_events[] = {
	"100_continue_already_seen",
	"abnormal_ce_header",
	"compression_bomb",
	"compression_bomb_limit_reached",
	"double_encoded_uri",
	"duplicate_content_length_field_in_request",
	"duplicate_content_length_field_in_response",
	"failed_protocol_change",
	"file_name_too_long",
	"gzip_decompression_failed",
	"host_header_ambiguous",
	"invalid_authority_port",
	"invalid_content_length_field_in_request",
	"invalid_content_length_field_in_response",
	"invalid_request_chunk_len",
	"invalid_request_field_folding",
	"invalid_response_chunk_len",
	"invalid_response_field_folding",
	"invalid_server_port_in_request",
	"invalid_transfer_encoding_value_in_request",
	"invalid_transfer_encoding_value_in_response",
	"lzma_memlimit_reached",
	"method_delim_non_compliant",
	"missing_host_header",
	"multipart_generic_error",
	"multipart_invalid_header",
	"multipart_no_filedata",
	"range_invalid",
	"request_auth_unrecognized",
	"request_body_unexpected",
	"request_chunk_extension",
	"request_field_missing_colon",
	"request_field_too_long",
	"request_header_host_invalid",
	"request_header_invalid",
	"request_header_repetition",
	"request_line_incomplete",
	"request_line_invalid",
	"request_line_leading_whitespace",
	"request_line_missing_protocol",
	"request_server_port_tcp_port_mismatch",
	"request_too_many_headers",
	"request_uri_host_invalid",
	"response_abnormal_transfer_encoding",
	"response_chunk_extension",
	"response_chunked_old_proto",
	"response_field_missing_colon",
	"response_field_too_long",
	"response_header_invalid",
	"response_header_repetition",
	"response_invalid_protocol",
	"response_invalid_status",
	"response_multipart_byteranges",
	"response_too_many_headers",
	"too_many_encoding_layers",
	"too_many_warnings",
	"unable_to_match_response_to_request",
	"unknown_error",
	"uri_delim_non_compliant",
	NULL,
};

static const char *const http2_events[] = {
	"authority_host_mismatch",
	"compression_bomb",
	"data_stream_zero",
	"dns_request_too_long",
	"dns_response_too_long",
	"extra_header_data",
	"failed_decompression",
	"header_integer_overflow",
	"header_table_overflow",
	"invalid_client_magic",
	"invalid_frame_data",
	"invalid_frame_header",
	"invalid_frame_length",
	"invalid_header",
	"invalid_http1_settings",
	"invalid_range",
	"long_frame_data",
	"reassembly_limit_reached",
	"stream_id_reuse",
	"too_many_frames",
	"too_many_streams",
	"userinfo_in_uri",
	NULL,
};

static const char *const krb5_events[] = {
	"malformed_data",
	"weak_encryption",
	NULL,
};

static const char *const ldap_events[] = {
	"invalid_data",
	"request_not_found",
	"too_many_responses",
	"too_many_transactions",
	NULL,
};

static const char *const mdns_events[] = {
	"infinite_loop",
	"invalid_additionals",
	"invalid_authorities",
	"invalid_opcode",
	"malformed_data",
	"name_too_long",
	"not_request",
	"not_response",
	"too_many_labels",
	"z_flag_set",
	NULL,
};

static const char *const mqtt_events[] = {
	"double_connect",
	"invalid_qos_level",
	"malformed_traffic",
	"missing_connect",
	"missing_msg_id",
	"missing_publish",
	"missing_subscribe",
	"missing_unsubscribe",
	"too_many_messages",
	"too_many_properties",
	"too_many_transactions",
	"unassigned_msg_type",
	"unintroduced_message",
	NULL,
};

static const char *const ntp_events[] = {
	"malformed_data",
	NULL,
};

static const char *const pgsql_events[] = {
	"invalid_length",
	"malformed_request",
	"malformed_response",
	"too_many_responses",
	"too_many_transactions",
	NULL,
};

static const char *const pop3_events[] = {
	"incorrect_argument_count",
	"request_too_long",
	"response_too_long",
	"too_many_transactions",
	"unknown_command",
	NULL,
};

static const char *const quic_events[] = {
	"crypto_frag_too_long",
	"error_on_data",
	"failed_decrypt",
	NULL,
};

static const char *const rfb_events[] = {
	"confused_state",
	"malformed_message",
	"too_long_string",
	"unimplemented_security_type",
	"unknown_security_result",
	NULL,
};

static const char *const smb_events[] = {
	"file_overlap",
	"internal_error",
	"malformed_data",
	"malformed_ntlmssp_request",
	"negotiate_malformed_dialects",
	"negotiate_max_read_size_too_large",
	"negotiate_max_write_size_too_large",
	"read_queue_cnt_exceeded",
	"read_queue_size_exceeded",
	"read_request_too_large",
	"read_response_too_large",
	"request_to_client",
	"response_to_server",
	"too_many_transactions",
	"write_queue_cnt_exceeded",
	"write_queue_size_exceeded",
	"write_request_too_large",
	NULL,
};

static const char *const smtp_events[] = {
	"bdat_chunk_len_exceeded",
	"data_command_rejected",
	"duplicate_fields",
	"failed_protocol_change",
	"invalid_bdat",
	"invalid_pipelined_sequence",
	"invalid_reply",
	"max_command_line_len_exceeded",
	"max_reply_line_len_exceeded",
	"mime_invalid_base64",
	"mime_invalid_qp",
	"mime_long_boundary",
	"mime_long_enc_line",
	"mime_long_filename",
	"mime_long_header_name",
	"mime_long_header_value",
	"mime_long_line",
	"mime_malformed_msg",
	"mime_parse_failed",
	"no_server_welcome_message",
	"tls_rejected",
	"unable_to_match_reply_with_request",
	"unparsable_content",
	NULL,
};

static const char *const snmp_events[] = {
	"malformed_data",
	"unknown_security_model",
	"version_mismatch",
	NULL,
};

static const char *const ssh_events[] = {
	"invalid_banner",
	"invalid_record",
	"long_banner",
	"long_kex_record",
	NULL,
};

static const char *const tls_events[] = {
	"certificate_invalid_string",
	"certificate_missing_element",
	"certificate_unknown_element",
	"certificate_invalid_algorithmidentifier",
	"certificate_invalid_date",
	"certificate_invalid_der",
	"certificate_invalid_extensions",
	"certificate_invalid_issuer",
	"certificate_invalid_length",
	"certificate_invalid_serial",
	"certificate_invalid_subject",
	"certificate_invalid_validity",
	"certificate_invalid_version",
	"certificate_invalid_x509name",
	"dataleak_heartbeat_mismatch",
	"error_message_encountered",
	"handshake_invalid_length",
	"heartbeat_message",
	"invalid_alert_message",
	"invalid_certificate",
	"invalid_handshake_message",
	"invalid_heartbeat_message",
	"invalid_record_type",
	"invalid_record_version",
	"invalid_sni_length",
	"invalid_sni_type",
	"invalid_ssl_record",
	"invalid_sslv2_header",
	"invalid_tls_header",
	"multiple_sni_extensions",
	"overflow_heartbeat_message",
	"too_many_records_in_packet",
	"too_many_subject_alternative_names",
	NULL,
};

static const char *const websocket_events[] = {
	"reassembly_limit_reached",
	"skip_end_of_payload",
	NULL,
};

static const struct {
	enum app_proto proto;
	const char *const *names;
} protocols[] = {
	{ APP_BITTORRENT_DHT, bittorrent_dht_events },
	{ APP_DHCP, dhcp_events },
	{ APP_DNS, dns_events },
	{ APP_FTP, ftp_events },
	{ APP_HTTP1, http_events },
	{ APP_HTTP2, http2_events },
	{ APP_KRB5, krb5_events },
	{ APP_LDAP, ldap_events },
	{ APP_MDNS, mdns_events },
	{ APP_MQTT, mqtt_events },
	{ APP_NTP, ntp_events },
	{ APP_PGSQL, pgsql_events },
	{ APP_POP3, pop3_events },
	{ APP_QUIC, quic_events },
	{ APP_RFB, rfb_events },
	{ APP_SMB, smb_events },
	{ APP_SMTP, smtp_events },
	{ APP_SNMP, snmp_events },
	{ APP_SSH, ssh_events },
	{ APP_TLS, tls_events },
	{ APP_WEBSOCKET, websocket_events },
};

bool rule_event_known(enum app_proto proto, const char *name)
{
	for (unsigned i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		for (const char *const *event = protocols[i].proto == proto ? protocols[i].names : NULL;
			event && *event; event++)
			if (strcasecmp(*event, name) == 0)
				return true;
	return false;
}
