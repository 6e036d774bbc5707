// SPDX-License-Identifier: GPL-3.0-or-later
// Field: what rules can inspect, by name. Three kinds, each a const table a protocol (signatures/field/PROTO.c), joined by hand in
// field_list.c: buffers (sticky buffers and legacy modifiers), numbers (dns.opcode, urilen, ...), and tests (keywords with a
// language of their own: tls.version, ssl_state, ...).
//
// Threads      tables are const; a get reads the transaction of the caller's worker and may use its scratch, valid until the next
//              get with the same scratch slot
#pragma once
#include "decoders/app/app_parser.h"
#include "decoders/base/slab.h"

// Where a value is read from.
struct file;

struct field_source {
	const struct packet *packet; // may be NULL or a pseudo packet
	const struct flow *flow;     // NULL for packets without
	const struct app_tx *tx;     // NULL for packet fields
	enum direction direction;    // being inspected
	const struct file *file;     // NULL; else the only one to look at
	bool flow_ended;             // what is incomplete will stay so
	struct field_scratch *scratch;
	struct slab *slab;
};

#define FIELD_SCRATCH_BYTES (1u << 20)
// Where a get builds a value that does not lie ready (header_names, a lower-cased host). One a worker.
struct field_scratch {
	uint32_t used;
	uint8_t bytes[FIELD_SCRATCH_BYTES];
};

// len bytes of scratch; NULL when it is used up (the engine empties it between buffers).
static inline uint8_t *field_scratch_take(struct field_scratch *scratch, uint32_t len)
{
	if (FIELD_SCRATCH_BYTES - scratch->used < len)
		return NULL;
	uint8_t *at = scratch->bytes + scratch->used;
	scratch->used += len;
	return at;
}

// A stretch of a value. Whole values: offset 0, first and last set. Bodies and files come in windows as they grow.
struct field_value {
	struct span data;
	uint64_t offset;  // of data in the whole value
	bool first, last; // starts, ends the whole value
	bool little;      // DCE-RPC: its numbers are little-endian (byte_test and others with "dce")
};

// What a get answers with a value that lies there whole; the second: when there is one, empty or not; the third: when it has bytes.
static inline bool field_whole(struct field_value *value, struct span data)
{
	*value = (struct field_value) { .data = data, .first = true, .last = true };
	return true;
}

static inline bool field_present(struct field_value *value, struct span data)
{
	return field_whole(value, data) && data.data;
}

static inline bool field_filled(struct field_value *value, struct span data)
{
	return field_whole(value, data) && data.len;
}

enum field_level {
	FIELD_PACKET, // read from the packet
	FIELD_TX,     // read from the transaction
	FIELD_FRAME,  // a frame of the stream: frame.h
	FIELD_BODY,   // read from the transaction, growing: inspected in windows (file_data, http.request_body)
};

enum field_flag {
	FIELD_MULTI = 1 << 0, // several values: get with index 0, 1, ... until false
	FIELD_LOWER =
		1 << 1, // value is always lower case: contents with upper case letters are a rule error, as in Suricata
	FIELD_NO_PATTERN = 1 << 2, // not a candidate for fast patterns
	FIELD_BITS = 1 << 3,       // number whose names are bits: "a,!b" wants a set and b not
	FIELD_BITS_ANY = 1 << 4,   // number whose names are bits: "a,b" wants one of them set
};

// A protocol, direction and progress at which a field can be read. A keyword used by several protocols (file_data) has several.
struct field_reader {
	enum app_proto proto; // APP_UNKNOWN: packet level
	enum direction direction;
	uint8_t progress; // least tx progress in that direction at which the value is there (bodies: starts to be)
	// Fills value. False: no such value (index past the last, header absent). An empty but present value is true with len 0.
	bool (*get)(const struct field_source *source, unsigned index, struct field_value *value);
};

struct field_buffer {
	const char *name;          // sticky keyword: "http.uri"; "file.data"
	const char *const *sticky; // other sticky spellings: "file_data"; NULL ends; may be NULL
	const char *modifier;      // legacy content modifier: "http_uri"; NULL none
	const char *description;   // for errors and `rules explain`
	enum field_level level;
	uint32_t flags;                     // enum field_flag
	const struct field_reader *readers; // get NULL ends; none at all: the parser is not there yet
	enum app_proto proto;               // whose field it is while it has no reader
	// Optional: checks or rewrites a content of a rule for this buffer (http.host: lower case needed ...). Gives NULL or the reason to refuse.
	const char *(*check_content)(const struct span *content, bool nocase);
};

struct field_name {
	const char *name;
	uint64_t value;
};

// A number compared as Suricata's integer keywords do: N, =N, !N, <N, <=N, >N, >=N, N-M (strictly between), N<>M; and names.
struct field_number {
	const char *name;
	const char *alias; // NULL none
	enum field_level level;
	uint32_t flags;                 // FIELD_MULTI: matches when any value does
	uint8_t bits;                   // width: 8, 16, 32, 64; a rule's number must fit
	enum app_proto proto;           // whose field it is while it has no reader
	const struct field_name *names; // symbolic values; NULL-terminated; may be NULL
	const struct field_number_reader {
		enum app_proto proto;
		enum direction direction;
		uint8_t progress;
		bool (*get)(const struct field_source *source, unsigned index, uint64_t *value);
	} * readers; // get NULL ends
};

#define FIELD_TEST_BYTES 256

// A keyword that parses its own arguments into a small struct and matches it.
struct field_test {
	const char *name;
	const char *alias;
	enum field_level level;
	bool no_argument; // keyword without ":..."
	bool own_negation; // parse is given a leading '!' and match answers with it; else the engine turns the answer around
	bool own_direction; // a leading direction is an argument like others; else it chooses the readers
	bool names_file;    // the argument (after a '!') is a file's name: parse is given its path
	// Fills at most FIELD_TEST_BYTES of data (zeroed, 16-byte aligned) from the text after the colon (trimmed, unquoted). NULL when good, else the reason (static text, or in data).
	const char *(*parse)(const char *arguments, void *data);
	void (*release)(void *data); // optional: frees what parse made besides data; called when the rule goes
	enum app_proto proto;        // whose field it is while it has no reader
	const struct field_test_reader {
		enum app_proto proto;
		enum direction direction;
		uint8_t progress;
		bool (*match)(const struct field_source *source, const void *data);
	} * readers; // match NULL ends
};

// Does a reader for one protocol read the transactions of a flow of another? DNS over HTTP/2 has those of HTTP/2.
static inline bool field_reads(enum app_proto reader, enum app_proto flow)
{
	return reader == flow || (flow == APP_DOH2 && reader == APP_HTTP2);
}

// The joined lists; NULL-terminated arrays of pointers (field_list.c).
extern const struct field_buffer *const field_buffers[];
extern const struct field_number *const field_numbers[];
extern const struct field_test *const field_tests[];

const struct field_buffer *field_buffer_find(const char *sticky); // by sticky keyword or its other spellings
const struct field_buffer *field_buffer_find_modifier(const char *modifier);
const struct field_number *field_number_find(const char *keyword);
const struct field_test *field_test_find(const char *keyword);
