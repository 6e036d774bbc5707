// SPDX-License-Identifier: GPL-3.0-or-later
// MIME (RFC 5322, 2045, 2046, 2047, 2231): reads a mail line by line as it passes: headers, the parts of multiparts and of mails in mails, their
// transfer encodings. Parts with a name become files, addresses in texts become links.
//
// Life cycle   mime_new -> mime_take per line -> mime_end -> mime_free; rules and events read it meanwhile
// Memory       worker's slab: kept headers, links, one header being read, boundaries, the tail of a line of text; all bounded below. Files are the
//              transaction's
// Bounds       MIME_DEPTH_MAX nested multiparts, MIME_HEADERS_MAX kept headers, MIME_LINKS_MAX links, MIME_FILES_MAX files a mail
// Threads      worker of its flow
#pragma once
#include "decoders/app/files/file.h"
#include "decoders/base/bytes.h"

struct app_config;

#define MIME_DEPTH_MAX    16
#define MIME_HEADERS_MAX  128
#define MIME_LINKS_MAX    128
#define MIME_FILES_MAX    256
#define MIME_TOKEN_MAX    255  // bytes of a boundary or a file name
#define MIME_LINK_MAX     2048 // bytes
#define MIME_NAME_MAX     75   // bytes of a header's name before it is called long
#define MIME_LINE_MAX     998  // RFC 5322 section 2.1.1
#define MIME_ENC_LINE_MAX 76   // RFC 2045 sections 6.7 and 6.8
#define MIME_PIECE_MAX    4096u
#define MIME_SCHEMES_MAX  8

enum mime_event {
	MIME_INVALID_BASE64 = 1 << 0,
	MIME_INVALID_QP = 1 << 1,
	MIME_LONG_LINE = 1 << 2,
	MIME_LONG_ENC_LINE = 1 << 3,
	MIME_LONG_HEADER_NAME = 1 << 4,
	MIME_LONG_HEADER_VALUE = 1 << 5,
	MIME_MALFORMED_MSG = 1 << 6,
	MIME_LONG_BOUNDARY = 1 << 7,
	MIME_LONG_FILENAME = 1 << 8,
};

struct mime_config {
	bool base64, quoted_printable, links, keep_scheme, body_md5;
	uint32_t value_max;                    // bytes of a header's value
	unsigned schemes, shown;               // those behind the shown ones are for mime_link.hidden
	char scheme[MIME_SCHEMES_MAX + 1][16]; // "http://"
};

enum mime_header_name {
	MIME_FROM,
	MIME_TO,
	MIME_CC,
	MIME_SUBJECT,
	MIME_DATE,
	MIME_MESSAGE_ID,
	MIME_X_MAILER,
	MIME_RECEIVED,
	MIME_SENDER,
	MIME_REPLY_TO,
	MIME_RETURN_PATH,
	MIME_HEADER_NAMES, // others are not kept
};

struct mime_header {
	struct mime_header *next;
	uint8_t name; // enum mime_header_name
	uint32_t len;
	uint8_t bytes[]; // the value, unfolded
};

struct mime_link {
	struct mime_link *next;
	bool hidden; // not asked for by the setting: for lists of indicators only
	uint32_t len;
	uint8_t bytes[];
};

enum mime_state {
	MIME_START,
	MIME_IN_HEADERS,
	MIME_IN_BODY,
	MIME_BETWEEN, // before the first part, or after the last
	MIME_DONE,
	MIME_CUT, // the mail ended early
};

enum mime_encoding { MIME_PLAIN, MIME_BASE64, MIME_QP };
enum mime_type { MIME_TEXT, MIME_MULTIPART, MIME_MESSAGE, MIME_OTHER };

// The part being read.
struct mime_part {
	uint8_t type, encoding;
	bool named_by_disposition;
	uint8_t name_len, boundary_len;
	uint8_t name[MIME_TOKEN_MAX], boundary[MIME_TOKEN_MAX];
};

struct mime_boundary {
	struct mime_boundary *outer;
	uint32_t len;
	uint8_t bytes[];
};

struct mime {
	uint8_t state; // enum mime_state
	bool top;      // the headers being read are the mail's own
	bool in_header, skip_line;
	uint32_t events; // enum mime_event
	uint32_t depth, kept, links_kept, files_made, lost;
	uint32_t line_len;
	struct mime_header *first, *last;
	struct mime_link *first_link, *last_link;
	struct mime_boundary *boundary; // innermost
	struct mime_part part;
	struct bytes header; // being read
	struct bytes text;   // of the line links are looked for in
	struct file *file;
	uint8_t held_end; // bytes of the line end not given to the part yet: it may belong to a boundary
	uint8_t base64_bits;
	uint32_t base64_word;
	uint8_t qp_held_len;
	uint8_t qp_held[3];
	bool ipv4_link, ipv6_link, exe_link;
	void *md5;
	bool has_md5;
	uint8_t body_md5[16];
};

// Where files go.
struct mime_place {
	const struct mime_config *config;
	struct file_tools *files;
	struct slab *slab;
	struct file **list;
	uint32_t *track;
	enum direction direction;
};

// Settings app-layer.protocols.PROTO.mime.*.
void mime_config_read(struct mime_config *out, const struct app_config *config, const char *proto);
struct mime *mime_new(struct slab *slab); // NULL: no memory
void mime_free(struct mime *mime, struct slab *slab);
// A line, or a piece of a long one: begins says that a line starts with it, end_bytes how long its line end is (not in data; 0: the line goes on).
// True: a file grew, or something rules can ask for is new.
bool mime_take(struct mime *mime, const struct mime_place *place, struct span data, bool begins, uint8_t end_bytes);
// As mime_take, of bytes not cut into lines yet; *mid_line is the caller's, false at the start. Gives how many it took: what it leaves is a line not whole
// yet, shorter than MIME_PIECE_MAX, unless last is set.
uint32_t mime_take_bytes(
	struct mime *mime, const struct mime_place *place, struct span data, bool last, bool *mid_line, bool *changed);
// The mail ended; whole says that it did as it should.
void mime_end(struct mime *mime, const struct mime_place *place, bool whole);
// Bytes of it are lost.
void mime_gap(struct mime *mime, uint32_t bytes);

// The index-th header of that name. False: there are fewer.
bool mime_header_at(const struct mime *mime, enum mime_header_name name, unsigned index, struct span *value);
// The index-th link that is not hidden.
bool mime_link_at(const struct mime *mime, unsigned index, struct span *link);
// Cuts the next address off a list of them (commas outside of quotes). False: nothing is left.
bool mime_address_next(struct span *rest, struct span *address);

// mime_value.c: parameter name of a header's value, RFC 2231 joined, RFC 2047 decoded if words is set. Gives its bytes before cutting at room; 0: none.
uint32_t mime_parameter(struct span value, const char *name, bool words, uint8_t *out, uint32_t room);

// mime_decode.c
void mime_emit(struct mime *mime, const struct mime_place *place, struct span decoded); // mime.c
void mime_decode_base64(struct mime *mime, const struct mime_place *place, struct span data);
void mime_decode_qp(struct mime *mime, const struct mime_place *place, struct span data, bool line_ends);

// mime_link.c
void mime_links_take(struct mime *mime, const struct mime_place *place, struct span decoded);
void mime_links_end(struct mime *mime, const struct mime_place *place);
void mime_links_free(struct mime *mime, struct slab *slab);
