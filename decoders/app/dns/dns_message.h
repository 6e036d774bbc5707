// SPDX-License-Identifier: GPL-3.0-or-later
// DNS message (RFC 1035 section 4): where its parts lie, and names and data read from them when somebody asks.
//
// Names stay compressed: a record holds offsets into the message, so that a message which unfolds to megabytes costs what it costs
// on the wire. Reading one name follows at most DNS_LABELS_MAX labels and pointers.
//
// Memory       none of its own; spans go into the message given
// Threads      pure functions
#pragma once
#include "decoders/base/cursor.h"

#define DNS_HEADER_BYTES 12
#define DNS_NAME_MAX     1025  // bytes of a name kept; what some servers accept, four times what RFC 1035 allows
#define DNS_LABELS_MAX   255   // labels and pointers followed in a name
#define DNS_RECORDS_MAX  32768 // of a message: two bytes each is the least that is believed

enum dns_flag {
	DNS_QR = 0x8000,
	DNS_AA = 0x0400,
	DNS_TC = 0x0200,
	DNS_RD = 0x0100,
	DNS_RA = 0x0080,
	DNS_Z = 0x0040,
};

enum dns_section { DNS_QUERIES, DNS_ANSWERS, DNS_AUTHORITIES, DNS_ADDITIONALS, DNS_SECTIONS };

enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_NULL = 10,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_NAPTR = 35,
	DNS_DNAME = 39,
	DNS_OPT = 41,
	DNS_SSHFP = 44,
	DNS_SVCB = 64,
	DNS_HTTPS = 65,
};

enum netbios_type { NETBIOS_NB = 32, NETBIOS_NBSTAT = 33 };

// What was wrong with names of a message.
enum dns_name_flag {
	DNS_NAME_TRUNCATED = 1 << 0, // longer than DNS_NAME_MAX
	DNS_NAME_LOOP = 1 << 1,      // a pointer to itself
	DNS_NAME_LABELS = 1 << 2,    // more than DNS_LABELS_MAX
};

struct dns_record {
	uint16_t name; // offset of its name in the message
	uint16_t type, class;
	uint16_t data_len; // 0 for queries
	uint16_t data;     // offset
	uint32_t ttl;      // seconds
};

struct dns_message {
	struct span bytes;
	uint16_t id, flags;
	uint16_t counts[DNS_SECTIONS]; // records that were read
	uint8_t name_flags;            // enum dns_name_flag, of all names
	bool invalid_authorities, invalid_additionals;
	bool netbios;                     // set by the caller: names and types are NetBIOS's (RFC 1002)
	uint32_t read_bytes;              // up to the last record read
	const struct dns_record *records; // of all sections, one after the other
};

static inline unsigned dns_opcode(uint16_t flags)
{
	return flags >> 11 & 0xf;
}

// Header there, and its counts possible in len bytes of message?
bool dns_header_plausible(struct span bytes, uint32_t len);

// Reads bytes, at most 65,535, into out. records: room for DNS_RECORDS_MAX, or NULL to check only. Authorities and additionals that
// cannot be read are left out and flagged; false when header, queries or answers cannot.
bool dns_message_parse(struct span bytes, struct dns_record *records, struct dns_message *out);
// The same with room for fewer records: of a message with more, sections that have no room are as if they could not be read.
bool dns_message_parse_some(struct span bytes, struct dns_record *records, unsigned room, struct dns_message *out);

// The records of a section; *count of them, NULL when none.
const struct dns_record *dns_message_section(
	const struct dns_message *message, enum dns_section section, unsigned *count);

// A name as text, labels joined by dots, no dot at the end.
struct dns_name {
	uint32_t len;
	uint8_t flags; // enum dns_name_flag
	uint32_t next; // offset after it, where it was first read
	uint8_t text[DNS_NAME_MAX + 65];
};
// Reads the name at offset, as it is on the wire (dns_message_name for what it says); it must end before limit unless a pointer leads away. False when it cannot be read.
bool dns_name_read(struct span message, uint32_t offset, uint32_t limit, struct dns_name *name);

// As dns_name_read; a NetBIOS name is decoded: "HOST<20>", with its scope behind a dot.
bool dns_message_name(const struct dns_message *message, uint32_t offset, uint32_t limit, struct dns_name *name);

// The 16 bytes of a NetBIOS name as text: trimmed, its last byte as "<20>". Appended to name.
void netbios_name_text(struct span bytes, struct dns_name *name);

// The name in a record's data (CNAME, NS, PTR, MX, SRV, SOA's first). False: no such type.
bool dns_record_data_name(const struct dns_message *message, const struct dns_record *record, struct dns_name *name);
static inline struct span dns_record_data(const struct dns_message *message, const struct dns_record *record)
{
	return span_slice(message->bytes, record->data, record->data_len);
}

// "A", "TYPE..."; NULL when it has no name.
const char *dns_type_name(uint16_t type);
// "NB", "NBSTAT" and the few others of RFC 1002 section 4.2.1.2; NULL when it has no name.
const char *netbios_type_name(uint16_t type);
const char *dns_rcode_name(unsigned rcode);
