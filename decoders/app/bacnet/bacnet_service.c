// SPDX-License-Identifier: GPL-3.0-or-later
// Arguments of BACnet's services: tagged values, some in brackets (an opening and a closing tag).
#include <stdio.h>
#include "decoders/app/bacnet/bacnet.h"
#include "decoders/app/bacnet/bacnet_names.h"

#define DEPTH_MAX  8
#define HEX_BYTES  32
#define TEXT_BYTES 256
#define NAME_BYTES 40

enum {
	APPLICATION_NULL,
	APPLICATION_BOOLEAN,
	APPLICATION_UNSIGNED,
	APPLICATION_SIGNED,
	APPLICATION_REAL,
	APPLICATION_DOUBLE,
	APPLICATION_OCTETS,
	APPLICATION_TEXT,
	APPLICATION_BITS,
	APPLICATION_ENUMERATED,
	APPLICATION_DATE,
	APPLICATION_TIME,
	APPLICATION_OBJECT
};

enum meaning {
	NOTHING,
	OBJECT,
	PROPERTY,
	INDEX,
	VALUES,
	PRIORITY,
	LOW,
	HIGH,
	NAME,
	DURATION,
	REINITIALIZE,
	COMMUNICATION,
	PASSWORD,
	VENDOR,
	ERRORS,
	TEXT
};

// What a context tag means: of a service's request, or its acknowledgement; parent is the tag of the brackets around it.
static const struct row {
	uint8_t pdu, service, depth, parent, number, meaning;
} rows[] = {
	{ BACNET_CONFIRMED, 12, 0, 0, 0, OBJECT }, // read-property
	{ BACNET_CONFIRMED, 12, 0, 0, 1, PROPERTY },
	{ BACNET_CONFIRMED, 12, 0, 0, 2, INDEX },
	{ BACNET_COMPLEX_ACK, 12, 0, 0, 3, VALUES },
	{ BACNET_CONFIRMED, 15, 0, 0, 0, OBJECT }, // write-property
	{ BACNET_CONFIRMED, 15, 0, 0, 1, PROPERTY },
	{ BACNET_CONFIRMED, 15, 0, 0, 2, INDEX },
	{ BACNET_CONFIRMED, 15, 0, 0, 3, VALUES },
	{ BACNET_CONFIRMED, 15, 0, 0, 4, PRIORITY },
	{ BACNET_CONFIRMED, 14, 0, 0, 0, OBJECT }, // read-property-multiple
	{ BACNET_CONFIRMED, 14, 1, 1, 0, PROPERTY },
	{ BACNET_CONFIRMED, 14, 1, 1, 1, INDEX },
	{ BACNET_COMPLEX_ACK, 14, 1, 1, 4, VALUES },
	{ BACNET_COMPLEX_ACK, 14, 1, 1, 5, ERRORS },
	{ BACNET_CONFIRMED, 16, 0, 0, 0, OBJECT }, // write-property-multiple
	{ BACNET_CONFIRMED, 16, 1, 1, 0, PROPERTY },
	{ BACNET_CONFIRMED, 16, 1, 1, 1, INDEX },
	{ BACNET_CONFIRMED, 16, 1, 1, 2, VALUES },
	{ BACNET_CONFIRMED, 16, 1, 1, 3, PRIORITY },
	{ BACNET_CONFIRMED, 5, 0, 0, 1, OBJECT }, // subscribe-cov
	{ BACNET_CONFIRMED, 5, 0, 0, 3, DURATION },
	{ BACNET_CONFIRMED, 28, 0, 0, 1, OBJECT }, // subscribe-cov-property
	{ BACNET_CONFIRMED, 28, 0, 0, 3, DURATION },
	{ BACNET_CONFIRMED, 28, 1, 4, 0, PROPERTY },
	{ BACNET_CONFIRMED, 1, 0, 0, 1, OBJECT }, // notifications: of which device, of what
	{ BACNET_CONFIRMED, 1, 0, 0, 2, OBJECT },
	{ BACNET_CONFIRMED, 1, 1, 4, 0, PROPERTY },
	{ BACNET_CONFIRMED, 1, 1, 4, 2, VALUES },
	{ BACNET_UNCONFIRMED, 2, 0, 0, 1, OBJECT },
	{ BACNET_UNCONFIRMED, 2, 0, 0, 2, OBJECT },
	{ BACNET_UNCONFIRMED, 2, 1, 4, 0, PROPERTY },
	{ BACNET_UNCONFIRMED, 2, 1, 4, 2, VALUES },
	{ BACNET_CONFIRMED, 2, 0, 0, 1, OBJECT },
	{ BACNET_CONFIRMED, 2, 0, 0, 2, OBJECT },
	{ BACNET_UNCONFIRMED, 3, 0, 0, 1, OBJECT },
	{ BACNET_UNCONFIRMED, 3, 0, 0, 2, OBJECT },
	{ BACNET_CONFIRMED, 0, 0, 0, 1, OBJECT }, // acknowledge-alarm
	{ BACNET_CONFIRMED, 8, 0, 0, 0, OBJECT }, // add-list-element, remove-list-element
	{ BACNET_CONFIRMED, 8, 0, 0, 1, PROPERTY },
	{ BACNET_CONFIRMED, 8, 0, 0, 2, INDEX },
	{ BACNET_CONFIRMED, 8, 0, 0, 3, VALUES },
	{ BACNET_CONFIRMED, 9, 0, 0, 0, OBJECT },
	{ BACNET_CONFIRMED, 9, 0, 0, 1, PROPERTY },
	{ BACNET_CONFIRMED, 9, 0, 0, 2, INDEX },
	{ BACNET_CONFIRMED, 9, 0, 0, 3, VALUES },
	{ BACNET_CONFIRMED, 10, 1, 0, 1, OBJECT },   // create-object
	{ BACNET_CONFIRMED, 17, 0, 0, 0, DURATION }, // device-communication-control
	{ BACNET_CONFIRMED, 17, 0, 0, 1, COMMUNICATION },
	{ BACNET_CONFIRMED, 17, 0, 0, 2, PASSWORD },
	{ BACNET_CONFIRMED, 20, 0, 0, 0, REINITIALIZE },
	{ BACNET_CONFIRMED, 20, 0, 0, 1, PASSWORD },
	{ BACNET_CONFIRMED, 18, 0, 0, 0, VENDOR }, // private transfers
	{ BACNET_UNCONFIRMED, 4, 0, 0, 0, VENDOR },
	{ BACNET_CONFIRMED, 19, 0, 0, 0, OBJECT }, // text messages
	{ BACNET_CONFIRMED, 19, 0, 0, 3, TEXT },
	{ BACNET_UNCONFIRMED, 5, 0, 0, 0, OBJECT },
	{ BACNET_UNCONFIRMED, 5, 0, 0, 3, TEXT },
	{ BACNET_CONFIRMED, 26, 0, 0, 0, OBJECT }, // read-range
	{ BACNET_CONFIRMED, 26, 0, 0, 1, PROPERTY },
	{ BACNET_CONFIRMED, 26, 0, 0, 2, INDEX },
	{ BACNET_CONFIRMED, 27, 0, 0, 3, OBJECT }, // life-safety-operation
	{ BACNET_UNCONFIRMED, 7, 0, 0, 0, LOW },   // who-has
	{ BACNET_UNCONFIRMED, 7, 0, 0, 1, HIGH },
	{ BACNET_UNCONFIRMED, 7, 0, 0, 2, OBJECT },
	{ BACNET_UNCONFIRMED, 7, 0, 0, 3, NAME },
	{ BACNET_UNCONFIRMED, 8, 0, 0, 0, LOW }, // who-is
	{ BACNET_UNCONFIRMED, 8, 0, 0, 1, HIGH },
};

// The next tag (clause 20.2.1). False: broken.
static bool bacnet_tag_read(struct cursor *c, struct bacnet_tag *out)
{
	uint8_t head = cursor_u8(c);
	uint32_t len = head & 7;
	*out = (struct bacnet_tag) { .number = head >> 4, .context = head & 8 };
	if (out->number == 15)
		out->number = cursor_u8(c);
	if (out->context && len >= 6) {
		out->kind = len == 6 ? BACNET_TAG_OPENING : BACNET_TAG_CLOSING;
		return cursor_ok(c);
	}
	if (!out->context && out->number == APPLICATION_BOOLEAN) {
		out->boolean = (uint8_t)len;
		return cursor_ok(c) && len <= 1;
	}
	if (len > 5)
		return false;
	if (len == 5)
		len = cursor_u8(c);
	if (len == 254)
		len = cursor_be16(c);
	else if (len == 255)
		len = cursor_be32(c);
	out->value = cursor_span(c, len);
	return cursor_ok(c);
}

// Of the last four bytes.
static uint32_t bacnet_unsigned(struct span value)
{
	uint32_t number = 0;
	for (uint32_t i = value.len > 4 ? value.len - 4 : 0; i < value.len; i++)
		number = number << 8 | value.data[i];
	return number;
}

static const char *name_or_number(char (*room)[NAME_BYTES], enum bacnet_names which, uint32_t code)
{
	const char *name = bacnet_name(which, code);
	if (name)
		return name;
	snprintf(*room, sizeof(*room), "%u", code);
	return *room;
}

static unsigned count_of(const struct fact_tx *tx, uint8_t id)
{
	unsigned count = 0;
	for (const struct fact *fact = tx->first; fact; fact = fact->next) {
		work_step(1);
		count += fact->id == id;
	}
	return count;
}

static bool has_room(const struct app_input *input, const struct fact_tx *tx, uint8_t id, unsigned most)
{
	if (count_of(tx, id) < most)
		return true;
	tally(input, TALLY_TRUNCATED);
	return false;
}

static void tell_object(const struct app_input *input, struct fact_tx *tx, struct span value)
{
	char room[NAME_BYTES];
	if (value.len != 4 || !has_room(input, tx, BACNET_OBJECT, BACNET_OBJECTS))
		return;
	uint32_t id = be32_at(value.data), instance = id & 0x3fffff;
	const char *type = name_or_number(&room, BACNET_NAMES_OBJECT, id >> 22);
	if (!fact_find(tx, BACNET_OBJECT_TYPE, 0)) {
		fact_string(input, tx, BACNET_OBJECT_TYPE, type);
		fact_number(input, tx, BACNET_INSTANCE, instance);
	}
	fact_format(input, tx, BACNET_OBJECT, "%s,%u", type, instance);
}

// A text: its character set, then bytes. UTF-8 and UCS-2 are told as they are.
static void tell_text(const struct app_input *input, struct fact_tx *tx, uint8_t id, struct span value)
{
	if (!value.len)
		return;
	struct span text = span_slice(value, 1, TEXT_BYTES);
	fact_text(input, tx, id, text);
	if (value.len > TEXT_BYTES + 1)
		tally(input, TALLY_TRUNCATED);
}

static uint64_t bits_of(struct span value)
{
	uint64_t bits = 0;
	for (uint32_t i = 0; i < value.len && i < 8; i++)
		bits = bits << 8 | value.data[i];
	return bits;
}

static void tell_number(const struct app_input *input, struct fact_tx *tx, uint8_t kind, struct span value)
{
	uint64_t bits = bits_of(value);
	if (kind == APPLICATION_REAL && value.len == 4) {
		uint32_t low = (uint32_t)bits;
		float real;
		memcpy(&real, &low, sizeof(real));
		fact_format(input, tx, BACNET_VALUE, "%.7g", (double)real);
	} else if (kind == APPLICATION_DOUBLE && value.len == 8) {
		double real;
		memcpy(&real, &bits, sizeof(real));
		fact_format(input, tx, BACNET_VALUE, "%.15g", real);
	} else if (kind == APPLICATION_SIGNED && value.len >= 1 && value.len <= 8) {
		unsigned shift = 64 - 8 * value.len;
		fact_format(input, tx, BACNET_VALUE, "%lld", (long long)((int64_t)(bits << shift) >> shift));
	} else if (kind == APPLICATION_UNSIGNED || kind == APPLICATION_ENUMERATED) {
		fact_format(input, tx, BACNET_VALUE, "%llu", (unsigned long long)bits);
	} else {
		fact_hex(input, tx, BACNET_VALUE, value, HEX_BYTES);
	}
}

// A value of a property, by its application tag.
static void tell_value(const struct app_input *input, struct fact_tx *tx, const struct bacnet_tag *tag)
{
	char room[NAME_BYTES];
	struct span v = tag->value;
	if (!has_room(input, tx, BACNET_VALUE, BACNET_VALUES))
		return;
	if (tag->context) {
		fact_hex(input, tx, BACNET_VALUE, v, HEX_BYTES);
		return;
	}
	switch (tag->number) {
	case APPLICATION_NULL: fact_string(input, tx, BACNET_VALUE, "null"); return;
	case APPLICATION_BOOLEAN: fact_string(input, tx, BACNET_VALUE, tag->boolean ? "true" : "false"); return;
	case APPLICATION_TEXT: tell_text(input, tx, BACNET_VALUE, v); return;
	case APPLICATION_DATE:
		if (v.len == 4)
			fact_format(input, tx, BACNET_VALUE, "%u-%02u-%02u", v.data[0] + 1900u, v.data[1], v.data[2]);
		return;
	case APPLICATION_TIME:
		if (v.len == 4)
			fact_format(input, tx, BACNET_VALUE, "%02u:%02u:%02u.%02u", v.data[0], v.data[1], v.data[2],
				v.data[3]);
		return;
	case APPLICATION_OBJECT:
		if (v.len == 4)
			fact_format(input, tx, BACNET_VALUE, "%s,%u",
				name_or_number(&room, BACNET_NAMES_OBJECT, be32_at(v.data) >> 22),
				be32_at(v.data) & 0x3fffff);
		return;
	default: tell_number(input, tx, tag->number, v); return;
	}
}

struct walk {
	const struct app_input *input;
	struct fact_tx *tx;
	enum bacnet_pdu pdu;
	uint8_t service, depth;
	uint8_t parents[DEPTH_MAX];
	uint8_t inside; // depth of the brackets of values that are open; 0: none
	enum meaning inside_what;
	bool ranged;
	bool alone; // an acknowledgement whose request was not seen
	uint32_t low;
	unsigned plain; // application tags at the top so far
};

static enum meaning meaning_of(const struct walk *w, uint8_t number)
{
	uint8_t parent = w->depth ? w->parents[w->depth - 1] : 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		bool applies = r->pdu == w->pdu || (w->alone && r->pdu == BACNET_CONFIRMED);
		if (applies && r->service == w->service && r->depth == w->depth && r->parent == parent &&
			r->number == number)
			return (enum meaning)r->meaning;
	}
	return NOTHING;
}

static void tell_context(struct walk *w, const struct bacnet_tag *tag)
{
	const struct app_input *input = w->input;
	struct fact_tx *tx = w->tx;
	char room[NAME_BYTES];
	uint32_t number = bacnet_unsigned(tag->value);
	switch (meaning_of(w, tag->number)) {
	case OBJECT: tell_object(input, tx, tag->value); return;
	case PROPERTY:
		if (has_room(input, tx, BACNET_PROPERTY, BACNET_VALUES))
			fact_string(input, tx, BACNET_PROPERTY, name_or_number(&room, BACNET_NAMES_PROPERTY, number));
		return;
	case INDEX:
		if (!fact_find(tx, BACNET_INDEX, 0))
			fact_number(input, tx, BACNET_INDEX, number);
		return;
	case PRIORITY:
		if (!fact_find(tx, BACNET_PRIORITY, 0))
			fact_number(input, tx, BACNET_PRIORITY, number);
		return;
	case LOW:
		w->low = number;
		w->ranged = true;
		return;
	case HIGH:
		if (w->ranged)
			fact_format(input, tx, BACNET_RANGE, "%u-%u", w->low, number);
		return;
	case NAME: tell_text(input, tx, BACNET_OBJECT_NAME, tag->value); return;
	case TEXT: tell_text(input, tx, BACNET_VALUE, tag->value); return;
	case DURATION: fact_number(input, tx, BACNET_DURATION, number); return;
	case REINITIALIZE:
		fact_string(input, tx, BACNET_STATE, name_or_number(&room, BACNET_NAMES_REINITIALIZE, number));
		return;
	case COMMUNICATION:
		fact_string(input, tx, BACNET_STATE, name_or_number(&room, BACNET_NAMES_COMMUNICATION, number));
		return;
	case PASSWORD: fact_flag(input, tx, BACNET_PASSWORD); return;
	case VENDOR: fact_number(input, tx, BACNET_VENDOR, number); return;
	default: return;
	}
}

// Values without a tag of the service's own: i-am, i-have, delete-object and files begin with an object.
static void tell_plain(struct walk *w, const struct bacnet_tag *tag)
{
	bool announces = w->pdu == BACNET_UNCONFIRMED && w->service <= 1;
	unsigned place = w->plain++;
	if (tag->number == APPLICATION_OBJECT)
		tell_object(w->input, w->tx, tag->value);
	else if (announces && w->service == 0 && place == 3 && tag->number == APPLICATION_UNSIGNED)
		fact_number(w->input, w->tx, BACNET_VENDOR, bacnet_unsigned(tag->value));
	else if (announces && w->service == 1 && tag->number == APPLICATION_TEXT)
		tell_text(w->input, w->tx, BACNET_OBJECT_NAME, tag->value);
	else if (w->pdu == BACNET_UNCONFIRMED && (w->service == 6 || w->service == 9)) // clocks are set
		tell_value(w->input, w->tx, tag);
}

static bool step_in(struct walk *w, const struct bacnet_tag *tag)
{
	if (w->depth == DEPTH_MAX)
		return false;
	enum meaning meaning = w->inside ? NOTHING : meaning_of(w, tag->number);
	w->parents[w->depth++] = tag->number;
	if (meaning == VALUES || meaning == ERRORS) {
		w->inside = w->depth;
		w->inside_what = meaning;
	}
	return true;
}

static bool step_out(struct walk *w, const struct bacnet_tag *tag)
{
	if (!w->depth || w->parents[w->depth - 1] != tag->number)
		return false;
	w->depth--;
	if (w->depth < w->inside)
		w->inside = 0;
	return true;
}

static void tell_inside(struct walk *w, const struct bacnet_tag *tag)
{
	char room[NAME_BYTES];
	if (w->inside_what == VALUES)
		tell_value(w->input, w->tx, tag);
	else if (tag->number == APPLICATION_ENUMERATED && w->depth == w->inside && w->plain++ & 1 &&
		 !fact_find(w->tx, BACNET_RESULT_CODE, 0)) // class, then code
		fact_string(w->input, w->tx, BACNET_RESULT_CODE,
			name_or_number(&room, BACNET_NAMES_ERROR_CODE, bacnet_unsigned(tag->value)));
}

bool bacnet_read_service(
	const struct app_input *input, struct fact_tx *tx, enum bacnet_pdu pdu, uint8_t service, struct span arguments)
{
	struct cursor c = cursor_on(arguments);
	struct walk w = { .input = input, .tx = tx, .pdu = pdu, .service = service };
	w.alone = pdu == BACNET_COMPLEX_ACK && !fact_find(tx, BACNET_OBJECT, 0);
	while (cursor_left(&c)) {
		struct bacnet_tag tag;
		if (!bacnet_tag_read(&c, &tag))
			return false;
		if (tag.kind == BACNET_TAG_OPENING ? !step_in(&w, &tag)
						   : tag.kind == BACNET_TAG_CLOSING && !step_out(&w, &tag))
			return false;
		if (tag.kind != BACNET_TAG_VALUE)
			continue;
		if (w.inside)
			tell_inside(&w, &tag);
		else if (tag.context)
			tell_context(&w, &tag);
		else if (!w.depth)
			tell_plain(&w, &tag);
	}
	bool searches = pdu == BACNET_UNCONFIRMED && (service == 7 || service == 8);
	if (searches && !w.ranged)
		fact_string(input, tx, BACNET_RANGE, "All");
	return w.depth == 0;
}

void bacnet_tell_error(const struct app_input *input, struct fact_tx *tx, struct cursor *c)
{
	char room[NAME_BYTES];
	struct bacnet_tag tag;
	if (!bacnet_tag_read(c, &tag))
		return;
	if (tag.kind == BACNET_TAG_OPENING && !bacnet_tag_read(c, &tag)) // of some services it lies in brackets
		return;
	fact_string(input, tx, BACNET_ERROR_CLASS,
		name_or_number(&room, BACNET_NAMES_ERROR_CLASS, bacnet_unsigned(tag.value)));
	if (bacnet_tag_read(c, &tag))
		fact_string(input, tx, BACNET_RESULT_CODE,
			name_or_number(&room, BACNET_NAMES_ERROR_CODE, bacnet_unsigned(tag.value)));
}
