// SPDX-License-Identifier: GPL-3.0-or-later
// Named: what a flow and its transactions name of a far end: addresses, names, URLs, fingerprints, certificates, mail addresses, files. Read out of
// the parsers once, in canonical form, for all who want to know: lists of indicators, heuristics, what was seen.
//
// Read       DNS questions, and owners, targets and addresses of answers, hints of service records, links in texts (over UDP, TCP, HTTP/1, HTTP/2); HTTP/1 and HTTP/2 host,
//            whole URL (also through proxies), target of CONNECT, user agent, where answers send the client; whom a SOCKS proxy is asked for; TLS server name, names, SHA-1 and, where
//            wanted, SHA-256 of the server's certificate, JA3, JA3S, JA4, those inside RDP, TDS and XMPP too; QUIC server name, JA3, JA4; addresses and links of mails sent (envelope and headers), and of those fetched or stored over
//            POP3 and IMAP, who a mail's client says it is (HELO); SIP's URI, From, Via, Contact and media addresses; where SSDP's devices are described; DNS servers, boot servers, boot
//            files and proxy scripts of DHCP and DHCPv6; FTP's data addresses and SMB's servers by name; hashes of files that are complete; both ends of a flow
// Not read   names of mDNS, LLMNR and NetBIOS: they are the local network's
// Early      a request whose header goes on is given with NAMED_HEADER_WAIT_NS at the latest, once its host is there
// Once       a value is given when it is known, once a transaction, direction and place (app_tx.named, file.named, PACKET_FLOW_FIRST)
// Memory     a named_reader of the worker's; what is given is valid for the call
// Bounds     NAMED_QUESTIONS_MAX, NAMED_ANSWERS_MAX of a message, NAMED_ALT_NAMES_MAX of a certificate, NAMED_RECIPIENTS_MAX of a mail and all links kept of it
//            (MIME_LINKS_MAX), NAMED_MEDIA_MAX, NAMED_OPTIONS_MAX
// Threads    one worker
#pragma once
#include <assert.h>
#include "decoders/base/clock.h"
#include "signatures/engine/engine.h"
#include "signatures/reputation/canonical.h"

#define NAMED_QUESTIONS_MAX  16
#define NAMED_ANSWERS_MAX    256
#define NAMED_HINTS_MAX      32 // addresses of a service record, links of a text record
#define NAMED_ALT_NAMES_MAX  32
#define NAMED_RECIPIENTS_MAX 32
#define NAMED_MEDIA_MAX      4              // of a call
#define NAMED_OPTIONS_MAX    16             // of a message of DHCP
#define NAMED_HEADER_WAIT_NS (5 * NS_PER_S) // from a request's first byte
#define NAMED_BODY_BYTES     1024 // of an answer's body, or all of it, are there when NAMED_HTTP_ANSWER is given

// X(constant, words for an alert). NAMED_BESIDE_ALLOWED is no place of its own, but how an address was met.
#define NAMED_PLACES(X)                                       \
	X(NAMED_SOURCE, "source address")                     \
	X(NAMED_DESTINATION, "destination address")           \
	X(NAMED_DNS_QUESTION, "dns question")                 \
	X(NAMED_DNS_ANSWER, "dns answer")                     \
	X(NAMED_HTTP_HOST, "http host")                       \
	X(NAMED_HTTP_URL, "http url")                         \
	X(NAMED_HTTP_CONNECT, "http connect")                 \
	X(NAMED_HTTP_USER_AGENT, "http user agent")           \
	X(NAMED_HTTP_ANSWER, "http answer")                   \
	X(NAMED_TLS_SNI, "tls sni")                           \
	X(NAMED_TLS_CERTIFICATE, "tls certificate")           \
	X(NAMED_TLS_CERTIFICATE_NAME, "tls certificate name") \
	X(NAMED_TLS_JA3, "tls ja3")                           \
	X(NAMED_TLS_JA3S, "tls ja3s")                         \
	X(NAMED_TLS_JA4, "tls ja4")                           \
	X(NAMED_QUIC_SNI, "quic sni")                         \
	X(NAMED_QUIC_JA3, "quic ja3")                         \
	X(NAMED_QUIC_JA4, "quic ja4")                         \
	X(NAMED_MAIL_SENDER, "mail sender")                   \
	X(NAMED_MAIL_RECIPIENT, "mail recipient")             \
	X(NAMED_MAIL_LINK, "mail link")                       \
	X(NAMED_FILE, "file")                                 \
	X(NAMED_PROXY_TARGET, "proxy target")                 \
	X(NAMED_PROXY_ANSWER, "proxy answer")                 \
	X(NAMED_MAIL_HELO, "mail helo")                       \
	X(NAMED_SIP_HOST, "sip host")                         \
	X(NAMED_SIP_MEDIA, "sip media")                       \
	X(NAMED_SSDP_LOCATION, "ssdp location")               \
	X(NAMED_DHCP, "dhcp option")                          \
	X(NAMED_FTP_DATA, "ftp data address")                 \
	X(NAMED_SMB_SHARE, "smb share")                       \
	X(NAMED_BESIDE_ALLOWED, "beside an allowed name")     \
	X(NAMED_HTTP_REDIRECT, "http redirect")
#define NAMED_PLACE_CONSTANT(constant, text) constant,
enum named_place { NAMED_PLACES(NAMED_PLACE_CONSTANT) NAMED_PLACES_END };
extern const char *const named_place_names[NAMED_PLACES_END];
static_assert(NAMED_PLACES_END <= 64, "what was seen has a bit a place: new ones go to the end");

// Somebody said it, which is no visit: where a server sends its client, what a network hands out, who a client says it is, where media or data shall go.
static inline bool named_is_said(enum named_place place)
{
	return place == NAMED_HTTP_REDIRECT || place == NAMED_MAIL_HELO || place == NAMED_SIP_HOST ||
	       place == NAMED_SIP_MEDIA || place == NAMED_SSDP_LOCATION || place == NAMED_DHCP ||
	       place == NAMED_FTP_DATA;
}

struct lookup_ahead;

struct named {
	uint8_t kind;      // enum indicator_kind (never NETWORK or ENDPOINT)
	uint8_t place;     // enum named_place
	uint8_t direction; // enum direction of the packet or message
	bool early;        // its message goes on: for who must act now; it is given again when all is there
	bool unanswered; // NAMED_DNS_ANSWER's and its question's: the response has an error or no answer (rcode); NAMED_HTTP_ANSWER: none came
	uint16_t port;  // ADDRESS at a flow's end: its port; else 0
	uint8_t rcode;  // of a DNS response
	bool resolved;  // NAMED_DNS_ANSWER: an address the name asked for leads to, no text that has one
	uint32_t ttl_s; // of it: how long it may be used
	struct span
		value; // canonical (indicator.h); may be empty for NAMED_FILE without that hash, is for NAMED_HTTP_ANSWER and NAMED_PROXY_ANSWER
	struct address address;           // ADDRESS: the same as value
	const struct canonical_url *url;  // URL
	const struct file *file;          // NAMED_FILE
	struct app_tx *tx;                // NULL: the flow's ends
	const struct lookup_ahead *ahead; // lookup.h; NULL: nothing was asked for ahead
};

struct named_reader {
	uint8_t bytes[INDICATOR_VALUE_MAX];
	struct canonical_url url;
	bool early;              // somebody wants hosts and URLs of requests before their headers end (named.early)
	bool certificate_sha256; // somebody wants it: it is made for each server's certificate then
};

typedef void named_take(void *context, const struct inspection *inspection, const struct named *named);
// Gives all that is new in the packet's flow.
void named_each(struct named_reader *reader, const struct inspection *inspection, named_take *take, void *context);
// Gives what tx asks for (TO_SERVER) once more, all that is there of it.
void named_request(struct named_reader *reader, const struct inspection *inspection, struct app_tx *tx,
	named_take *take, void *context);
// Gives the flow's ends once more, as its first packet had them.
void named_ends(struct named_reader *reader, const struct inspection *inspection, named_take *take, void *context);
