// SPDX-License-Identifier: GPL-3.0-or-later
// Rule: a signature as parsed, and the set of all of them.
//
// Life cycle   rule_set_new -> rule_set_load_file / rule_set_add ... -> engine_build (borrows it) -> rule_set_free
// Memory       one arena a set; nothing in it moves or changes after loading
// Threads      loading: one. After it: read by all
#pragma once
#include "decoders/base/address.h"
#include "decoders/flow/app_proto.h"
#include "decoders/packet/packet.h"
#include "signatures/field/field.h"

enum rule_action {
	RULE_ALERT,
	RULE_PASS,
	RULE_DROP,
	RULE_REJECT,
	RULE_REJECT_SRC = RULE_REJECT,
	RULE_REJECT_DST,
	RULE_REJECT_BOTH,
	RULE_CONFIG
};

// Header -------------------------------------------------------------------------------------------------------------------------

enum rule_proto_bit {
	RULE_PROTO_TCP = 1 << 0,
	RULE_PROTO_UDP = 1 << 1,
	RULE_PROTO_ICMP = 1 << 2, // v4
	RULE_PROTO_ICMPV6 = 1 << 3,
	RULE_PROTO_SCTP = 1 << 4,
	RULE_PROTO_OTHER = 1 << 5,  // any other IP protocol (a number in ip_proto); "ip" has all bits
	RULE_PROTO_NON_IP = 1 << 6, // pkthdr, arp, ether
	RULE_PROTO_IP = RULE_PROTO_TCP | RULE_PROTO_UDP | RULE_PROTO_ICMP | RULE_PROTO_ICMPV6 | RULE_PROTO_SCTP |
			RULE_PROTO_OTHER,
};

enum rule_flag {
	RULE_TCP_PACKET_ONLY = 1 << 0, // tcp-pkt
	RULE_TCP_STREAM_ONLY = 1 << 1, // tcp-stream
	RULE_IPV4_ONLY = 1 << 2,
	RULE_IPV6_ONLY = 1 << 3,
	RULE_BIDIRECTIONAL = 1 << 4,    // <>: parsed as one rule, matches with ends swapped too
	RULE_TX_BIDIRECTIONAL = 1 << 5, // =>: one rule over both directions of a transaction
	RULE_FLOW_TO_SERVER = 1 << 6,
	RULE_FLOW_TO_CLIENT = 1 << 7,
	RULE_FLOW_ESTABLISHED = 1 << 8,
	RULE_FLOW_NOT_ESTABLISHED = 1 << 9,
	RULE_FLOW_STATELESS = 1 << 10,
	RULE_ONLY_STREAM = 1 << 11,
	RULE_NO_STREAM = 1 << 12,
	RULE_ONLY_FRAG = 1 << 13,
	RULE_NO_FRAG = 1 << 14,
	RULE_NOALERT = 1 << 15,
	RULE_HAS_TX = 1 << 16,  // reads transactions: has FIELD_TX/FIELD_BODY conditions or an app-layer-event/hook
	RULE_IP_ONLY = 1 << 17, // only addresses (and protocol): tested once a flow and direction
	// Has payload conditions that may be met in the reassembled stream; without HAS_PACKET, a TCP packet whose payload went
	// into the stream is not looked at apart from it
	RULE_HAS_STREAM = 1 << 18,
	RULE_HAS_PACKET = 1 << 19,     // has conditions on single packets, or on nothing but header and flow
	RULE_EVENT_ONLY = 1 << 20,     // decode-event / stream-event ...
	RULE_FLOW_SET = 1 << 21,       // a flow keyword was given
	RULE_PREFILTER = 1 << 22,      // prefilter keyword
	RULE_APP_PROTO_ONLY = 1 << 23, // header protocol alone ("alert http"): matches packets of such flows
	RULE_FILESTORE = 1 << 24,
	RULE_BYPASS = 1 << 25,
	RULE_NEEDS_MAGIC = 1 << 26,
	RULE_NEEDS_JA3 = 1 << 27,
	RULE_NEEDS_JA4 = 1 << 28,
	RULE_TARGET_SRC = 1 << 29,
	RULE_TARGET_DST = 1 << 30,
};
// Flags of a rule too: past what an enum holds
#define RULE_NEEDS_FILE_HASH (UINT64_C(1) << 32)
#define RULE_HAS_FRAME       (UINT64_C(1) << 33) // has conditions on frames of app_proto

// Addresses: sorted, non-overlapping ranges with negation worked in. any: count 0 and any set. Shared between rules with the same text.
struct address_set {
	bool any;
	bool negated; // some part was given with "!"
	uint32_t count;
	struct address_range {
		struct address low, high; // inclusive, network order comparison
	} * ranges;
};

struct port_set {
	bool any;
	uint16_t count;
	struct port_range {
		uint16_t low, high; // inclusive
	} * ranges;
};

bool address_set_has(const struct address_set *set, const struct address *address);
bool port_set_has(const struct port_set *set, uint16_t port);

// Conditions over a buffer, in the order given ---------------------------------------------------------------------------------------

enum match_kind {
	MATCH_CONTENT,
	MATCH_PCRE,
	MATCH_ISDATAAT,
	MATCH_BYTE_TEST,
	MATCH_BYTE_JUMP,
	MATCH_BYTE_EXTRACT,
	MATCH_BYTE_MATH,
	MATCH_BSIZE,         // compares the buffer's length: number
	MATCH_BASE64_DECODE, // decodes from here; base64_data conditions are in a buffer of their own
	MATCH_ABSENT,        // buffer does not exist (or_else: or what follows holds)
	MATCH_URILEN,        // number; raw or normalised is the buffer's choice
	MATCH_ENTROPY,
	MATCH_DATASET,
	MATCH_DATAREP,
	MATCH_ASN1,
	MATCH_RPC,
	MATCH_KINDS,
};

#define RULE_NO_VAR   (-1)
#define RULE_VARS_MAX 16 // byte variables a rule

// A number as written, or a variable set by byte_extract/byte_math earlier in the rule.
struct rule_value {
	int64_t number;
	int8_t var; // RULE_NO_VAR: use number
};

struct match_content {
	struct span bytes; // as to be compared; lower-cased when nocase
	bool nocase, fast_pattern, fast_pattern_only, startswith, endswith;
	bool has_offset, has_depth, has_distance, has_within;
	struct rule_value offset, depth, distance, within;
	uint16_t chop_offset, chop_len; // fast_pattern:offset,len; len 0 whole
	bool replace;
};

// Where a captured group goes: a variable of the flow, of the packet, or the alert's context. CAPTURE_KEY: the next group's
// name is what this one captured.
enum capture_kind { CAPTURE_FLOW, CAPTURE_PACKET, CAPTURE_ALERT, CAPTURE_KEY, CAPTURE_JSON };

struct match_pcre {
	const char *pattern; // without delimiters
	uint32_t options;    // enum pcre_option
	uint8_t capture_count;
	struct {
		uint8_t kind;  // enum capture_kind
		uint8_t group; // from 1
		uint16_t var;
	} captures[8];
	void *code; // pcre2_code *, made when parsed, freed with the set
};

enum pcre_option { PCRE_RELATIVE = 1 << 0, PCRE_RAWBYTES = 1 << 1, PCRE_NOCASE = 1 << 2, PCRE_ANCHORED = 1 << 3 };

enum byte_endian { BYTE_BIG, BYTE_LITTLE, BYTE_DCE };
enum byte_base { BYTE_BINARY, BYTE_HEX = 16, BYTE_DEC = 10, BYTE_OCT = 8 };
enum compare_op {
	OP_EQ,
	OP_NE,
	OP_LT,
	OP_LE,
	OP_GT,
	OP_GE,
	OP_AND,
	OP_OR,
	OP_RANGE /* low < x < high */,
	OP_RANGE_NOT,
	OP_NAND,
	OP_MASK_EQ, // (x & low) == high
	OP_MASK_NE
};
enum math_op { MATH_ADD, MATH_SUB, MATH_MUL, MATH_DIV, MATH_LSHIFT, MATH_RSHIFT };

// byte_test, byte_jump, byte_extract, byte_math share the reading part.
struct match_byte {
	struct rule_value count; // bytes to read
	struct rule_value offset;
	bool relative, string, negated_op;
	uint8_t endian;          // enum byte_endian
	uint8_t base;            // enum byte_base for strings
	uint8_t op;              // enum compare_op (test) or enum math_op (math)
	struct rule_value value; // compared with, or right side
	uint64_t bitmask;        // 0 none
	// jump
	bool align, from_beginning, from_end;
	uint32_t multiplier; // jump, extract
	int32_t post_offset;
	uint8_t align_bytes; // extract: 2 or 4; 0 none
	int8_t result_var;   // extract, math
};

struct number_match {
	uint8_t op; // enum compare_op
	uint64_t low, high;
};

struct match_isdataat {
	struct rule_value at;
	bool relative, rawbytes;
};

struct match_base64 {
	uint32_t bytes; // 0: all
	uint32_t offset;
	bool relative;
};

struct match_entropy {
	double value, high;
	uint32_t offset, bytes;
	uint8_t op;
};

struct match {
	uint8_t kind; // enum match_kind
	bool negated;
	uint16_t column; // in the rule's text, for messages
	union {
		struct match_content content;
		struct match_pcre pcre;
		struct match_isdataat isdataat;
		struct match_byte byte;
		struct number_match number;
		struct match_base64 base64;
		struct match_entropy entropy;
		struct {
			bool or_else;
		} absent;
		void *data; // others: their module's
	};
};

enum transform_kind {
	TRANSFORM_STRIP_WHITESPACE,
	TRANSFORM_COMPRESS_WHITESPACE,
	TRANSFORM_TO_LOWERCASE,
	TRANSFORM_TO_UPPERCASE,
	TRANSFORM_TO_MD5,
	TRANSFORM_TO_SHA1,
	TRANSFORM_TO_SHA256,
	TRANSFORM_DOTPREFIX,
	TRANSFORM_DOMAIN,
	TRANSFORM_TLD,
	TRANSFORM_URL_DECODE,
	TRANSFORM_XOR,
	TRANSFORM_HEADER_LOWERCASE,
	TRANSFORM_STRIP_PSEUDO_HEADERS,
	TRANSFORM_PCREXFORM,
	TRANSFORM_FROM_BASE64,
	TRANSFORM_GUNZIP,
	TRANSFORM_ZLIB_DEFLATE,
};

struct transform {
	uint8_t kind;           // enum transform_kind
	struct span argument;   // xor key; pcrexform pattern
	void *code;             // pcrexform: pcre2_code *
	uint32_t bytes, offset; // from_base64, gunzip limits
	uint8_t mode;           // from_base64: 0 rfc4648, 1 rfc2045, 2 strict
};

enum buffer_place {
	PLACE_PAYLOAD, // packet payload or reassembled stream (no sticky buffer)
	PLACE_FIELD,   // field says
	PLACE_BASE64,  // base64_data: what base64_decode of the buffer before gave
};

// One buffer's conditions. A rule may use the same field twice (again after another): then it is two of these.
struct rule_buffer {
	uint8_t place;      // enum buffer_place
	bool has_direction; // explicit to_server/to_client (=> rules, file_data)
	uint8_t direction;
	const struct field_buffer *field;
	struct transform *transforms;
	uint16_t transform_count, match_count;
	struct match *matches;
	int16_t base64_of; // PLACE_BASE64: index of the rule_buffer with the decode
};

// Conditions on packet headers and flow state ------------------------------------------------------------------------------------------

enum test_kind {
	TEST_TTL,
	TEST_TOS,
	TEST_IP_ID,
	TEST_IPOPTS,
	TEST_IP_PROTO,
	TEST_FRAGBITS,
	TEST_FRAGOFFSET,
	TEST_SAMEIP,
	TEST_GEOIP,
	TEST_TCP_FLAGS,
	TEST_TCP_SEQ,
	TEST_TCP_ACK,
	TEST_TCP_WINDOW,
	TEST_TCP_MSS,
	TEST_TCP_WSCALE,
	TEST_ITYPE,
	TEST_ICODE,
	TEST_ICMP_ID,
	TEST_ICMP_SEQ,
	TEST_ICMPV6_MTU,
	TEST_DSIZE,
	TEST_CSUM,
	TEST_STREAM_SIZE,
	TEST_DECODE_EVENT,
	TEST_STREAM_EVENT,
	TEST_APP_EVENT,
	TEST_APP_PROTO,
	TEST_FLOWBITS,
	TEST_FLOWINT,
	TEST_FLOWVAR,
	TEST_PKTVAR,
	TEST_XBITS,
	TEST_FLOW_AGE,
	TEST_FLOW_PKTS,
	TEST_FLOW_BYTES,
	TEST_VLAN_ID,
	TEST_VLAN_LAYERS,
	TEST_L3_PROTO,
	TEST_APP_STATE,
	TEST_IPREP,
	TEST_TCP_SESSION,
	TEST_FLOW_START,
	TEST_KINDS,
};

enum tcp_phase { PHASE_SETUP = 1 << 0, PHASE_ESTABLISHED = 1 << 1, PHASE_CLOSING = 1 << 2 };
#define RULE_EVENT_WAITS UINT8_MAX // of app_event.bit

enum vlan_how { VLAN_ANY, VLAN_ALL, VLAN_LAYER }; // which of a packet's ids must fit; VLAN_ALL needs at least one id
enum flowbit_op { BIT_SET, BIT_UNSET, BIT_ISSET, BIT_ISNOTSET, BIT_TOGGLE };
enum flowint_op { INT_SET, INT_ADD, INT_SUB, INT_LT, INT_LE, INT_EQ, INT_NE, INT_GE, INT_GT, INT_ISSET, INT_NOTSET };
enum app_proto_side {
	SIDE_EITHER,
	SIDE_TO_SERVER,
	SIDE_TO_CLIENT,
	SIDE_FINAL,
	SIDE_ORIGINAL,
	SIDE_DIRECTION /* the packet's; the preset */
};

struct rule_test {
	uint8_t kind; // enum test_kind
	bool negated;
	uint16_t column;
	union {
		struct number_match number; // ttl, tos, id, itype, dsize, seq, window, flow.age, vlan.layers ...
		struct {
			struct number_match number;
			uint8_t how;  // enum vlan_how
			int8_t layer; // VLAN_LAYER: from 0, or from the last with -1
		} vlan;               // vlan.id
		struct {
			uint8_t set, ignore, op; // tcp.flags: op 0 exact, '+' all and more, '*' any, '!' none
		} flags;
		struct {
			uint16_t bits;
			uint8_t op;
		} bits; // fragbits, ipopts
		struct {
			uint8_t what; // 0 ipv4, 1 tcpv4, 2 tcpv6, 3 udpv4, 4 udpv6, 5 icmpv4, 6 icmpv6
			bool valid;
		} csum;
		struct {
			uint8_t side; // 0 client, 1 server, 2 both, 3 either
			struct number_match number;
		} stream_size;
		uint16_t event; // decode, stream: enum packet_event
		struct {
			uint16_t proto; // enum app_proto; APP_UNKNOWN: flow-level event (enum app_layer_event)
			uint8_t bit;    // RULE_EVENT_WAITS: no parser raises it yet
			bool error;
		} app_event;
		struct {
			uint16_t proto;
			uint8_t side; // enum app_proto_side
		} app_proto;
		struct {
			uint8_t op;    // enum flowbit_op
			uint8_t count; // isset a|b: any of these
			uint16_t *bits;
		} flowbits;
		struct {
			uint8_t op; // enum flowint_op
			uint16_t var;
			int32_t other; // variable on the right, RULE_NO_VAR: value
			uint64_t value;
		} flowint;
		struct {
			uint16_t var;
			struct span bytes; // looked for in the variable's text
		} variable;                // flowvar, pktvar
		struct {
			uint8_t op, track; // enum flowbit_op; 0 src, 1 dst, 2 pair, 3 both, 4 tx
			uint16_t bit;
			uint32_t expire_s;
		} xbits;
		struct {
			uint8_t direction; // 0 both sums, 1 to server, 2 to client, 3 either
			struct number_match number;
		} flow_count; // flow.pkts, flow.bytes
		struct {
			uint8_t op, direction, progress; // enum compare_op, of the transaction's progress
		} app_state;
		uint8_t tcp_phases; // enum tcp_phase
		void *data;         // others
	};
};

// Which of several values must fit.
enum number_how {
	NUMBER_ANY,
	NUMBER_ANY_OR_ABSENT,
	NUMBER_ALL, // and at least one is there
	NUMBER_ALL_OR_ABSENT,
	NUMBER_INDEX,
	NUMBER_INDEX_OR_ABSENT,
	NUMBER_TIMES, // how many fit: amount
	NUMBER_COUNT, // how many are there: amount
};

struct rule_number {
	const struct field_number *field;
	struct number_match match;
	bool negated;
	bool has_direction; // as in rule_buffer
	uint8_t direction;
	uint8_t how;                // enum number_how
	int32_t index;              // NUMBER_INDEX: from 0, or from the last with -1
	struct number_match amount; // NUMBER_TIMES, NUMBER_COUNT
	bool sliced;                // only values from (included) to (not), from the last when negative
	int32_t from, to;
};

struct rule_field_test {
	const struct field_test *field;
	void *data; // FIELD_TEST_BYTES as its parse filled them
	bool negated;
	bool has_direction; // as in rule_buffer
	uint8_t direction;
};

// After a match ----------------------------------------------------------------------------------------------------------------------

enum threshold_type {
	THRESHOLD_LIMIT,
	THRESHOLD_THRESHOLD,
	THRESHOLD_BOTH,
	THRESHOLD_BACKOFF,
	THRESHOLD_DETECTION,
	THRESHOLD_RATE,
	THRESHOLD_SUPPRESS
};
enum threshold_track { TRACK_RULE, TRACK_SRC, TRACK_DST, TRACK_BOTH, TRACK_FLOW, TRACK_EITHER };

struct rule_threshold {
	uint8_t type, track;
	uint8_t new_action; // rate_filter: enum rule_action
	uint32_t count, seconds, timeout_s;
	uint32_t multiplier;                 // backoff
	const struct address_set *addresses; // suppress: of the tracked side; NULL all
};

// A suppress line about alerts that no rule of the set makes, but a detector (docs/detections.md): of all (gid 0), of a gid (sid 0) or of one signature.
struct rule_suppression {
	uint32_t gid, sid;
	struct rule_threshold threshold;
};
#define RULE_GID_DETECTORS     4000 // gids of detectors
#define RULE_GID_DETECTORS_END 5000

struct rule_tag {
	uint8_t type;      // 0 session, 1 host
	uint8_t direction; // host: 0 src, 1 dst
	uint8_t metric;    // 0 packets, 1 seconds, 2 bytes
	uint32_t count;
};

// config: switches logging off for transactions or flows.
enum rule_config_what { CONFIG_TX, CONFIG_FLOW };
struct rule_config_action {
	uint8_t type, scope; // enum rule_config_what
};

struct rule_pair {
	const char *key, *value;
};

// Hook after the protocol: "tls:client_hello_done".
struct rule_hook {
	bool set;
	uint8_t direction, progress;
};

// What a rule is evaluated against, which also says how far its action reaches: pass and drop of the types marked "flow" take the
// whole flow, those marked "flow if stateful" when the match was in the stream.
enum rule_type {
	RULE_TYPE_PACKET,        // single packets
	RULE_TYPE_IP_ONLY,       // flow; once a flow and direction
	RULE_TYPE_LIKE_IP_ONLY,  // flow; addresses only, but negated: every packet
	RULE_TYPE_EVENT_ONLY,    // decode-event and nothing else: packets without trusted headers too
	RULE_TYPE_PROTO_ONLY,    // flow; app-layer-protocol and nothing else: when detection is done
	RULE_TYPE_STREAM,        // flow if stateful; payload in the stream
	RULE_TYPE_PACKET_STREAM, // flow if stateful; payload in packets and the stream
	RULE_TYPE_APP,           // flow; header protocol and no transaction conditions
	RULE_TYPE_TX,            // flow; transaction conditions
};

struct rule {
	uint32_t sid, gid, rev;
	uint32_t index;           // in the set, in order of evaluation (action order, then priority, then as loaded)
	uint8_t action;           // enum rule_action
	uint8_t type;             // enum rule_type
	uint8_t priority;         // 1 highest
	uint16_t proto_bits;      // enum rule_proto_bit
	uint8_t var_count;        // byte variables
	enum app_proto app_proto; // of the header or implied by fields; APP_UNKNOWN: none
	uint64_t flags;           // enum rule_flag
	const struct address_set *src, *dst;
	const struct port_set *sport, *dport;
	struct rule_hook hook;

	struct rule_buffer *buffers;
	struct rule_test *tests;   // conditions, flowbits isset among them
	struct rule_test *actions; // after the match: flowbits set, flowint set, xbits set
	struct rule_number *numbers;
	struct rule_field_test *field_tests;
	struct rule_threshold *thresholds;
	uint16_t buffer_count, test_count, action_count, number_count, field_test_count, threshold_count;
	struct rule_tag *tag;
	struct rule_config_action *config;
	uint32_t mark, mark_mask; // nfq_set_mark; mask 0: none

	// For alerts
	const char *msg, *classtype, *category; // category: the class's description
	const char *text; // the rule as written, joined to one line; NULL unless options.keep_text
	struct rule_pair *metadata, *references; // references: key is the URL prefix by reference.config
	uint16_t metadata_count, reference_count;

	// Where it comes from
	const char *file;
	uint32_t line;
	uint8_t parts;         // the set's: which of its parts what is above lies in
	bool header_apart;     // addresses and ports do not lie there but with the set
	uint64_t text_hash[2]; // 0: a set that follows parses the text again
};

// Set ------------------------------------------------------------------------------------------------------------------------------

struct rule_set {
	struct rule **rules; // in order of evaluation after rule_set_finish
	uint32_t count;
	uint16_t flowbit_count, flowvar_count, xbit_count;
	const char *const *flowbit_names, *const *flowvar_names, *const *xbit_names; // by number
	// 1, or one more than that of options.like, whose names keep their numbers: what flows, hosts and transactions remember stays true. When it
	// had too many to go on like that, numbers begin anew: names_since is the first generation with these.
	uint32_t generation, names_since;
	uint32_t failed;                             // rules that could not be taken
	uint32_t failed_anew;                        // of them, by their text: not refused by options.like too
	uint32_t skipped;                            // not meant for us (requires, lua)
	const struct rule_suppression *suppressions; // from threshold.config
	uint32_t suppression_count;
	struct rule_set_private *own;
};

struct rule_error {
	const char *file;      // may be "<set>" for --set or API
	uint32_t line, column; // from 1; column 0: whole line
	char keyword[48];      // "" when it is not one keyword's
	char reason[256];      // what is wrong and what was expected
	uint32_t sid;          // 0 unknown
	bool warning;
	bool known;             // options.like refused the same text
	bool duplicate;         // sid and gid are there already: in first_file, line first_line
	const char *first_file; // borrowed; NULL unless duplicate
	uint32_t first_line;
};
typedef void rule_error_sink(void *context, const struct rule_error *error);

struct rule_options {
	const struct option_map *address_groups, *port_groups; // vars.*; names without $
	const struct option_map *datasets;
	const struct option_list *reputation_files;
	const char *reputation_path, *reputation_categories; // NULL: iprep is refused
	const char *geoip_database;                          // NULL: geoip is refused
	const char *data_path;                               // default-data-dir: where sets are written
	const char *keep_out; // folder no set may be written in, wherever it lies; NULL: none
	const char *classification_file, *reference_file, *threshold_file; // NULL: built-in classes, none, none
	const struct option_list
		*action_order; // names of the four actions, first first; NULL or empty: pass, drop, reject, alert
	const char *rule_path; // default-rule-path, for relative file names
	const struct rule_set *
		like; // a finished set, needed until rule_set_finish: its compiled expressions are shared, what its sets of values changed goes on; NULL: none
	bool drops_enabled; // inline or simulated: drop and reject mean it
	bool keep_text;     // rule.text is wanted (the text of a large set takes more memory than the rest of it)
	rule_error_sink *on_error;
	void *on_error_context;
};

// options is borrowed until rule_set_finish. NULL: a file in options cannot be read or is wrong (told to on_error).
struct rule_set *rule_set_new(const struct rule_options *options);
void rule_set_free(struct rule_set *set);
// Loads a rule file (glob patterns and "include" allowed, gzip too). Rules that cannot be taken are told to on_error and left out. False when the file cannot be read.
bool rule_set_load_file(struct rule_set *set, const char *path);
// One rule's text. False when it was refused.
bool rule_set_add(struct rule_set *set, const char *text, const char *file, uint32_t line);
// Duplicates (sid and gid: highest rev stays), order, threshold.config, cross-rule warnings. Nothing is added afterwards.
bool rule_set_finish(struct rule_set *set);
// The set that text ("$HOME_NET", "[10.0.0.0/8,!10.1.1.1]") stands for in rules; lives as long as set. Before rule_set_finish only. NULL: not an address
// list, or an unknown variable.
const struct address_set *rule_set_addresses(struct rule_set *set, const char *text);
const char *rule_action_name(enum rule_action action);
