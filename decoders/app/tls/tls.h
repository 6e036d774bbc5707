// SPDX-License-Identifier: GPL-3.0-or-later
// TLS: SSLv2 to TLS 1.3 (RFC 2246, 5246, 6101, 8446) to the end of the handshake: hellos, certificates, fingerprints. One transaction a flow.
//
// Life cycle   the first bytes make the transaction; it lives until the flow ends, so that every alert of the flow can tell of it
// Memory       worker's slab: the transaction, and per side what its hello and certificates said, each with a bound of its own below.
//              What goes over a bound is left out and counted; no bound makes the parser fail
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"
#include "decoders/base/bytes.h"

// Progress of a side, as the field names it in rule hooks (tls:client_hello_done).
enum tls_client_state {
	TLS_CLIENT_IN_PROGRESS,
	TLS_CLIENT_HELLO_DONE,
	TLS_CLIENT_CERT_DONE,
	TLS_CLIENT_HANDSHAKE_DONE,
	TLS_CLIENT_FINISHED,
};

enum tls_server_state {
	TLS_SERVER_IN_PROGRESS,
	TLS_SERVER_HELLO,
	TLS_SERVER_CERT_DONE,
	TLS_SERVER_HELLO_DONE,
	TLS_SERVER_HANDSHAKE_DONE,
	TLS_SERVER_FINISHED,
};

// X(constant, name in app-layer-event:tls.NAME)
#define TLS_EVENTS(X)                                                                   \
	X(TLS_INVALID_SSLV2_HEADER, "invalid_sslv2_header")                             \
	X(TLS_INVALID_TLS_HEADER, "invalid_tls_header")                                 \
	X(TLS_INVALID_RECORD_VERSION, "invalid_record_version")                         \
	X(TLS_INVALID_RECORD_TYPE, "invalid_record_type")                               \
	X(TLS_INVALID_HANDSHAKE_MESSAGE, "invalid_handshake_message")                   \
	X(TLS_HANDSHAKE_INVALID_LENGTH, "handshake_invalid_length")                     \
	X(TLS_HEARTBEAT_MESSAGE, "heartbeat_message")                                   \
	X(TLS_INVALID_HEARTBEAT_MESSAGE, "invalid_heartbeat_message")                   \
	X(TLS_OVERFLOW_HEARTBEAT_MESSAGE, "overflow_heartbeat_message")                 \
	X(TLS_DATALEAK_HEARTBEAT_MISMATCH, "dataleak_heartbeat_mismatch")               \
	X(TLS_MULTIPLE_SNI_EXTENSIONS, "multiple_sni_extensions")                       \
	X(TLS_INVALID_SNI_TYPE, "invalid_sni_type")                                     \
	X(TLS_INVALID_SNI_LENGTH, "invalid_sni_length")                                 \
	X(TLS_TOO_MANY_RECORDS_IN_PACKET, "too_many_records_in_packet")                 \
	X(TLS_INVALID_ALERT_MESSAGE, "invalid_alert_message")                           \
	X(TLS_INVALID_CERTIFICATE, "invalid_certificate")                               \
	X(TLS_CERTIFICATE_INVALID_LENGTH, "certificate_invalid_length")                 \
	X(TLS_CERTIFICATE_INVALID_VERSION, "certificate_invalid_version")               \
	X(TLS_CERTIFICATE_INVALID_SERIAL, "certificate_invalid_serial")                 \
	X(TLS_CERTIFICATE_INVALID_ALGORITHM, "certificate_invalid_algorithmidentifier") \
	X(TLS_CERTIFICATE_INVALID_NAME, "certificate_invalid_x509name")                 \
	X(TLS_CERTIFICATE_INVALID_DATE, "certificate_invalid_date")                     \
	X(TLS_CERTIFICATE_INVALID_EXTENSIONS, "certificate_invalid_extensions")         \
	X(TLS_CERTIFICATE_INVALID_DER, "certificate_invalid_der")                       \
	X(TLS_CERTIFICATE_INVALID_SUBJECT, "certificate_invalid_subject")               \
	X(TLS_CERTIFICATE_INVALID_ISSUER, "certificate_invalid_issuer")                 \
	X(TLS_CERTIFICATE_INVALID_VALIDITY, "certificate_invalid_validity")             \
	X(TLS_TOO_MANY_SUBJECT_ALT_NAMES, "too_many_subject_alternative_names")         \
	X(TLS_ERROR_MESSAGE, "error_message_encountered")                               \
	X(TLS_INVALID_SSL_RECORD, "invalid_ssl_record")
#define TLS_EVENT_CONSTANT(constant, name) constant,
enum tls_event { TLS_EVENTS(TLS_EVENT_CONSTANT) TLS_EVENTS_END };

// Wire versions; the drafts of 1.3 are 0x7f00 | draft, Facebook's 0xfb00 | draft.
#define TLS_SSLV2              0x0002
#define TLS_SSLV3              0x0300
#define TLS_V10                0x0301
#define TLS_V11                0x0302
#define TLS_V12                0x0303
#define TLS_V13                0x0304
#define TLS_V13_BEFORE_DRAFT16 0x7f01 // those wrote 0x0304, or a small draft number, as the hello's own version

#define TLS_SNI_MAX         4096        // bytes
#define TLS_LIST_MAX        (16u << 10) // bytes of ciphers, extensions, signature algorithms, ALPN names of a hello, each
#define TLS_NAME_MAX        (8u << 10)  // bytes of a certificate's subject or issuer as text
#define TLS_SANS_MAX        (32u << 10) // bytes of all alternative names of a certificate
#define TLS_SAN_COUNT_MAX   1024
#define TLS_CHAIN_CERTS_MAX 64
#define TLS_CHAIN_MAX       (64u << 10)  // bytes of them kept
#define TLS_MESSAGE_MAX     (256u << 10) // bytes of a handshake message; a longer one is skipped

// A list of byte strings: each is a 32-bit length (host order, unaligned) and its bytes.
struct tls_strings {
	struct bytes bytes;
	uint32_t count;
};

// Walks list: *at starts at 0. False at its end.
static inline bool tls_strings_next(const struct tls_strings *list, uint32_t *at, struct span *out)
{
	uint32_t len;
	if (list->bytes.len - *at < sizeof(len))
		return false;
	memcpy(&len, list->bytes.data + *at, sizeof(len));
	*out = (struct span) { list->bytes.data + *at + sizeof(len), len };
	*at += (uint32_t)sizeof(len) + len;
	return true;
}

// The first certificate of a side.
struct tls_certificate {
	bool seen;                            // subject, issuer and the rest are there
	struct bytes subject, issuer, serial; // text: "C=US, O=Example, CN=example.com", "00:AA:01"
	struct tls_strings names;             // alternative names
	int64_t not_before_s, not_after_s;    // since 1970, UTC; may be negative
	char fingerprint[60];                 // SHA-1, "0a:1b:..."; zero-ended
};

enum tls_seen {
	TLS_SEEN_CLIENT_HELLO = 1 << 0,
	TLS_SEEN_SERVER_HELLO = 1 << 1,
	TLS_SEEN_CLIENT_KEY = 1 << 2,
	TLS_SEEN_SERVER_KEY = 1 << 3,
	TLS_SEEN_UNKNOWN = 1 << 4, // record of another type came
};

// What one end told of itself.
struct tls_side {
	uint16_t version;      // of its hello; server: as negotiated (supported_versions); 0 unknown
	uint16_t best_version; // highest one offered, or the one chosen
	bool has_hello, has_random, changed_cipher;
	uint8_t random[32];
	uint8_t session_id_len;
	uint8_t session_id[32];
	struct bytes sni; // client
	struct tls_strings alpn;
	struct bytes ciphers, extensions, sig_algs; // uint16_t in host order, as sent, GREASE (RFC 8701) left out
	struct bytes ja3;                           // text: JA3 of a client, JA3S of a server
	char ja3_hash[33];
	char ja4[37]; // client
	struct tls_certificate certificate;
	struct tls_strings chain; // certificates, DER
	uint32_t chain_len;       // certificates seen, kept or not

	// Record and message being read
	uint32_t skip;         // bytes of the record still to be passed over
	struct bytes message;  // handshake message in parts, with its header
	uint32_t message_need; // its whole length; 0: none is open
	uint32_t message_skip; // bytes of a message over TLS_MESSAGE_MAX still to come
	bool sees_app_data;
};

struct tls_tx {
	struct app_tx tx;
	struct tls_side side[2]; // by direction: client's, server's
	uint8_t seen;            // enum tls_seen
	bool resumed;            // a session id came back, or a ticket was shown
	bool client_cert_wanted; // CertificateRequest was sent
	bool early_data;
	bool encrypted; // nothing more to learn
	// Heartbeats (RFC 6520)
	bool heartbeat_open;
	uint8_t heartbeat_from; // enum direction of the one that is open
	uint32_t heartbeat_len; // its record, when it was encrypted
};

extern const struct app_parser tls_parser;

// "TLS 1.2", "TLSv1", "SSLv3", "TLS 1.3 draft-18", "UNDETERMINED" for 0; unknown ones as hex in buffer.
const char *tls_version_name(uint16_t version, char buffer[24]);
bool tls_version_is_13(uint16_t version); // 1.3 or one of its drafts

// The transaction has something to tell as an event: a hello of either side, or a certificate.
bool tls_tx_is_telling(const struct tls_tx *tls);
// Version of the session: the server's choice, else the best the client offered; 0 unknown.
uint16_t tls_tx_version(const struct tls_tx *tls);
// Nothing more is to come of what the server says of itself in the clear: its certificates were there, or it hides them.
bool tls_server_is_told(const struct tls_tx *tls);
// The session went on where an older one ended (no certificate, before 1.3).
bool tls_tx_is_resumed(const struct tls_tx *tls);
