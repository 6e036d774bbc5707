// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/dns/dns_message.h"

// Where a name is read, and where it goes (text NULL: nowhere).
struct walk {
	struct span message;
	uint32_t at, limit;
	uint32_t next; // after the first pointer; 0 none followed yet
	unsigned steps;
	uint32_t len;
	uint8_t flags;
	uint8_t *text;
};

static bool take_label(struct walk *w, uint8_t len)
{
	if (w->at + 1 + len > w->limit)
		return false;
	if (!(w->flags & DNS_NAME_TRUNCATED)) {
		if (w->len && w->text)
			w->text[w->len] = '.';
		w->len += w->len ? 1 : 0;
		if (w->text)
			memcpy(w->text + w->len, w->message.data + w->at + 1, len);
		w->len += len;
	}
	w->at += 1u + len;
	return true;
}

enum step { STEP_ON, STEP_END, STEP_BAD };

static enum step take_pointer(struct walk *w)
{
	if (w->at + 2 > w->limit)
		return STEP_BAD;
	uint32_t offset = be16_at(w->message.data + w->at) & 0x3fff;
	if (offset > w->message.len)
		return STEP_BAD;
	if (offset == w->at) {
		w->flags |= DNS_NAME_LOOP;
		return w->next ? STEP_END : STEP_BAD;
	}
	if (!w->next)
		w->next = w->at + 2;
	w->at = offset;
	w->limit = w->message.len;
	return STEP_ON;
}

static enum step take_step(struct walk *w)
{
	uint8_t first = w->message.data[w->at];
	if (first == 0) {
		w->at++;
		return STEP_END;
	}
	switch (first >> 6) {
	case 0: return take_label(w, first) ? STEP_ON : STEP_BAD;
	case 3: return take_pointer(w);
	default: return STEP_BAD; // RFC 6891 section 5: labels of other kinds are not used
	}
}

static bool walk_name(struct walk *w)
{
	while (w->at < w->limit) {
		enum step step = take_step(w);
		if (step != STEP_ON)
			return step == STEP_END;
		bool cut = w->len > DNS_NAME_MAX;
		if (cut) {
			w->len = DNS_NAME_MAX;
			w->flags |= DNS_NAME_TRUNCATED;
		}
		if (++w->steps > DNS_LABELS_MAX) {
			w->flags |= DNS_NAME_LABELS;
			return w->next != 0;
		}
		if (cut && w->next)
			return true;
	}
	return true;
}

bool dns_name_read(struct span message, uint32_t offset, uint32_t limit, struct dns_name *name)
{
	struct walk w = {
		.message = message, .at = offset, .limit = limit < message.len ? limit : message.len, .text = name->text
	};
	bool good = walk_name(&w);
	name->len = w.len;
	name->flags = w.flags;
	name->next = w.next ? w.next : w.at;
	return good;
}

// As dns_name_read, but only steps over it: gives the offset after it, 0 when it cannot be read.
static uint32_t skip_name(struct dns_message *m, uint32_t offset, uint32_t limit)
{
	struct walk w = { .message = m->bytes, .at = offset, .limit = limit };
	bool good = walk_name(&w);
	m->name_flags |= w.flags;
	if (!good)
		return 0;
	return w.next ? w.next : w.at;
}

static bool data_readable(struct dns_message *m, const struct dns_record *r)
{
	uint32_t at = r->data, end = at + r->data_len;
	switch (r->type) {
	case DNS_CNAME:
	case DNS_NS:
	case DNS_PTR: return skip_name(m, at, end) != 0;
	case DNS_MX: return r->data_len >= 2 && skip_name(m, at + 2, end) != 0;
	case DNS_SRV: return r->data_len >= 6 && skip_name(m, at + 6, end) != 0;
	case DNS_SOA:
		at = skip_name(m, at, end);
		at = at ? skip_name(m, at, end) : 0;
		return at && at + 20 <= end;
	case DNS_TXT: return r->data_len && m->bytes.data[at] < r->data_len;
	case DNS_SSHFP: return r->data_len >= 2;
	default: return true;
	}
}

// Type and class, and with answer the rest of a resource record, after a name that ends at offset. Gives the offset after it; 0: cut.
static uint32_t take_fields(struct dns_message *m, uint32_t offset, bool answer, struct dns_record *r)
{
	struct cursor c = cursor_on(span_from(m->bytes, offset));
	r->type = cursor_be16(&c);
	r->class = cursor_be16(&c);
	if (answer) {
		r->ttl = cursor_be32(&c);
		r->data_len = cursor_be16(&c);
		r->data = (uint16_t)(offset + cursor_offset(&c));
		cursor_skip(&c, r->data_len);
	}
	if (!cursor_ok(&c))
		return 0;
	return answer && !data_readable(m, r) ? 0 : offset + cursor_offset(&c);
}

struct sink {
	struct dns_record *records; // NULL: count only
	unsigned count, room;
};

// count records from *offset on. False when one cannot be read: *offset and the sink then stay as they were.
static bool take_section(
	struct dns_message *m, enum dns_section section, unsigned count, uint32_t *offset, struct sink *sink)
{
	uint32_t at = *offset;
	unsigned taken = sink->count;
	for (unsigned i = 0; i < count; i++) {
		struct dns_record r = { .name = (uint16_t)at };
		at = skip_name(m, at, m->bytes.len);
		at = at ? take_fields(m, at, section != DNS_QUERIES, &r) : 0;
		if (!at || taken == sink->room)
			return false;
		if (sink->records)
			sink->records[taken] = r;
		taken++;
	}
	*offset = at;
	sink->count = taken;
	m->counts[section] = (uint16_t)count;
	return true;
}

bool dns_header_plausible(struct span bytes, uint32_t len)
{
	struct cursor c = cursor_on(bytes);
	cursor_skip(&c, 4);
	uint32_t records = cursor_be16(&c);
	for (int i = DNS_ANSWERS; i < DNS_SECTIONS; i++)
		records += cursor_be16(&c);
	return cursor_ok(&c) && records * 2 <= len;
}

bool dns_message_parse(struct span bytes, struct dns_record *records, struct dns_message *out)
{
	return dns_message_parse_some(bytes, records, DNS_RECORDS_MAX, out);
}

bool dns_message_parse_some(struct span bytes, struct dns_record *records, unsigned room, struct dns_message *out)
{
	*out = (struct dns_message) { .bytes = span_slice(bytes, 0, UINT16_MAX), .records = records };
	if (!dns_header_plausible(out->bytes, out->bytes.len))
		return false;
	struct cursor c = cursor_on(out->bytes);
	out->id = cursor_be16(&c);
	out->flags = cursor_be16(&c);
	uint16_t counts[DNS_SECTIONS];
	for (int i = 0; i < DNS_SECTIONS; i++)
		counts[i] = cursor_be16(&c);
	uint32_t at = DNS_HEADER_BYTES;
	struct sink sink = { records, 0, room };
	if (!take_section(out, DNS_QUERIES, counts[DNS_QUERIES], &at, &sink) ||
		!take_section(out, DNS_ANSWERS, counts[DNS_ANSWERS], &at, &sink))
		return false;
	out->invalid_authorities = !take_section(out, DNS_AUTHORITIES, counts[DNS_AUTHORITIES], &at, &sink);
	if (!out->invalid_authorities)
		out->invalid_additionals = !take_section(out, DNS_ADDITIONALS, counts[DNS_ADDITIONALS], &at, &sink);
	out->read_bytes = at;
	return true;
}

const struct dns_record *dns_message_section(
	const struct dns_message *message, enum dns_section section, unsigned *count)
{
	unsigned before = 0;
	for (unsigned i = 0; i < section; i++)
		before += message->counts[i];
	*count = message->counts[section];
	return *count ? message->records + before : NULL;
}

bool dns_record_data_name(const struct dns_message *message, const struct dns_record *record, struct dns_name *name)
{
	uint32_t before;
	switch (record->type) {
	case DNS_CNAME:
	case DNS_NS:
	case DNS_PTR:
	case DNS_SOA: before = 0; break;
	case DNS_MX: before = 2; break;
	case DNS_SRV: before = 6; break;
	default: return false;
	}
	return dns_name_read(message->bytes, record->data + before, (uint32_t)record->data + record->data_len, name);
}
