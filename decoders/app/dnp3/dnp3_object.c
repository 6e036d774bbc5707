// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/dnp3/dnp3_object.h"

// A point's layout: values in order, each a letter and its name. 1 to 7: that many bits of a byte, lowest first; b h w t: 8, 16, 32 and 48 bits; s i: signed,
// 16 and 32 bits; f d: floating point; y: as many bytes as the 16 bits before say; x: bytes up to the point's end, X the same as text. All little-endian. A
// layout that begins with P is packed: points share bytes.
#define STATE     "1online 1restart 1comm_lost 1remote_forced 1local_forced "
#define BINARY    STATE "1chatter_filter 1reserved 1state "
#define DOUBLE    STATE "1chatter_filter 2state "
#define OUTPUT    STATE "1reserved0 1reserved1 1state "
#define COUNTER   STATE "1rollover 1discontinuity 1reserved0 "
#define COUNTER_2 STATE "1rollover 1reserved0 1reserved1 "
#define ANALOG    STATE "1over_range 1reference_err 1reserved0 "
#define CONTROL   "4op_type 1qu 1cr 2tcc bcount wontime wofftime 7status_code 1reserved"
#define TIME      " ttimestamp"

static const struct {
	uint8_t group, variation;
	const char *layout;
} layouts[] = {
	{ 1, 1, "P1state" },
	{ 1, 2, BINARY },
	{ 2, 1, "bstate" },
	{ 2, 2, BINARY TIME },
	{ 2, 3, BINARY " htimestamp" },
	{ 3, 1, "P2state" },
	{ 3, 2, DOUBLE },
	{ 4, 1, DOUBLE },
	{ 4, 2, DOUBLE TIME },
	{ 4, 3, DOUBLE " hrelative_time_ms" },
	{ 10, 1, "P1state" },
	{ 10, 2, OUTPUT },
	{ 11, 1, OUTPUT },
	{ 11, 2, OUTPUT TIME },
	{ 12, 1, CONTROL },
	{ 12, 2, CONTROL },
	{ 12, 3, "P1point" },
	{ 13, 1, "7status_code 1commanded_state" },
	{ 13, 2, "7status_code 1commanded_state" TIME },
	{ 20, 1, COUNTER "wcount" },
	{ 20, 2, COUNTER "hcount" },
	{ 20, 3, COUNTER_2 "wcount" },
	{ 20, 4, COUNTER_2 "hcount" },
	{ 20, 5, "wcount" },
	{ 20, 6, "hcount" },
	{ 20, 7, "wcount" },
	{ 20, 8, "hcount" },
	{ 21, 1, COUNTER "wcount" },
	{ 21, 2, COUNTER "hcount" },
	{ 21, 3, COUNTER_2 "wcount" },
	{ 21, 4, COUNTER_2 "hcount" },
	{ 21, 5, COUNTER "wcount" TIME },
	{ 21, 6, COUNTER "hcount" TIME },
	{ 21, 7, COUNTER_2 "wcount" TIME },
	{ 21, 8, COUNTER_2 "hcount" TIME },
	{ 21, 9, "wcount" },
	{ 21, 10, "hcount" },
	{ 21, 11, "wcount" },
	{ 21, 12, "hcount" },
	{ 22, 1, COUNTER "wcount" },
	{ 22, 2, COUNTER "hcount" },
	{ 22, 3, COUNTER_2 "wcount" },
	{ 22, 4, COUNTER_2 "hcount" },
	{ 22, 5, COUNTER "wcount" TIME },
	{ 22, 6, COUNTER "hcount" TIME },
	{ 22, 7, COUNTER_2 "wcount" TIME },
	{ 22, 8, COUNTER_2 "hcount" TIME },
	{ 23, 1, COUNTER "wcount" },
	{ 23, 2, COUNTER "hcount" },
	{ 23, 3, COUNTER_2 "wcount" },
	{ 23, 4, COUNTER_2 "hcount" },
	{ 23, 5, COUNTER "wcount" TIME },
	{ 23, 6, COUNTER "hcount" TIME },
	{ 23, 7, COUNTER_2 "wcount" TIME },
	{ 23, 8, COUNTER_2 "hcount" TIME },
	{ 30, 1, ANALOG "ivalue" },
	{ 30, 2, ANALOG "svalue" },
	{ 30, 3, "ivalue" },
	{ 30, 4, "svalue" },
	{ 30, 5, ANALOG "fvalue" },
	{ 30, 6, ANALOG "dvalue" },
	{ 31, 1, ANALOG "ivalue" },
	{ 31, 2, ANALOG "svalue" },
	{ 31, 3, ANALOG "ivalue" TIME },
	{ 31, 4, ANALOG "svalue" TIME },
	{ 31, 5, "ivalue" },
	{ 31, 6, "svalue" },
	{ 31, 7, ANALOG "fvalue" },
	{ 31, 8, ANALOG "dvalue" },
	{ 32, 1, ANALOG "ivalue" },
	{ 32, 2, ANALOG "svalue" },
	{ 32, 3, ANALOG "ivalue" TIME },
	{ 32, 4, ANALOG "svalue" TIME },
	{ 32, 5, ANALOG "fvalue" },
	{ 32, 6, ANALOG "dvalue" },
	{ 32, 7, ANALOG "fvalue" TIME },
	{ 32, 8, ANALOG "dvalue" TIME },
	{ 33, 1, ANALOG "ivalue" },
	{ 33, 2, ANALOG "svalue" },
	{ 33, 3, ANALOG "ivalue" TIME },
	{ 33, 4, ANALOG "svalue" TIME },
	{ 33, 5, ANALOG "fvalue" },
	{ 33, 6, ANALOG "dvalue" },
	{ 33, 7, ANALOG "fvalue" TIME },
	{ 33, 8, ANALOG "dvalue" TIME },
	{ 34, 1, "hdeadband_value" },
	{ 34, 2, "wdeadband_value" },
	{ 34, 3, "fdeadband_value" },
	{ 40, 1, ANALOG "ivalue" },
	{ 40, 2, ANALOG "svalue" },
	{ 40, 3, ANALOG "fvalue" },
	{ 40, 4, ANALOG "dvalue" },
	{ 41, 1, "ivalue bcontrol_status" },
	{ 41, 2, "svalue bcontrol_status" },
	{ 41, 3, "fvalue bcontrol_status" },
	{ 41, 4, "dvalue bcontrol_status" },
	{ 42, 1, ANALOG "ivalue" },
	{ 42, 2, ANALOG "svalue" },
	{ 42, 3, ANALOG "ivalue" TIME },
	{ 42, 4, ANALOG "svalue" TIME },
	{ 42, 5, ANALOG "fvalue" },
	{ 42, 6, ANALOG "dvalue" },
	{ 42, 7, ANALOG "fvalue" TIME },
	{ 42, 8, ANALOG "dvalue" TIME },
	{ 43, 1, "7status_code 1reserved0 ivalue" },
	{ 43, 2, "7status_code 1reserved0 svalue" },
	{ 43, 3, "7status_code 1reserved0 ivalue" TIME },
	{ 43, 4, "7status_code 1reserved0 svalue" TIME },
	{ 43, 5, "7status_code 1reserved0 fvalue" },
	{ 43, 6, "7status_code 1reserved0 dvalue" },
	{ 43, 7, "7status_code 1reserved0 fvalue" TIME },
	{ 43, 8, "7status_code 1reserved0 dvalue" TIME },
	{ 50, 1, "ttimestamp" },
	{ 50, 2, "ttimestamp winterval" },
	{ 50, 3, "ttimestamp" },
	{ 50, 4, "ttimestamp winterval_count binterval_units" },
	{ 51, 1, "ttimestamp" },
	{ 51, 2, "ttimestamp" },
	{ 52, 1, "hdelay_secs" },
	{ 52, 2, "hdelay_ms" },
	{ 70, 1,
		"hfilename_size bfiletype_code battribute_code hstart_record hend_record wfile_size tcreated_timestamp "
		"hpermission wfile_id wowner_id wgroup_id bfile_function_code bstatus_code xdata" },
	{ 70, 2,
		"husername_offset husername_size hpassword_offset hpassword_size wauthentication_key "
		"Xusername_password" },
	{ 70, 3,
		"hfilename_offset hfilename_size tcreated hpermissions wauthentication_key wfile_size "
		"hoperational_mode "
		"hmaximum_block_size hrequest_id Xfilename" },
	{ 70, 4, "wfile_handle wfile_size hmaximum_block_size hrequest_id bstatus_code Xoptional_text" },
	{ 70, 5, "wfile_handle wblock_number xfile_data" },
	{ 70, 6, "wfile_handle wblock_number bstatus_code Xoptional_text" },
	{ 70, 7,
		"hfilename_offset hfilename_size hfile_type wfile_size tcreated_timestamp hpermissions hrequest_id "
		"Xfilename" },
	{ 70, 8, "Xfile_specification" },
	{ 80, 1, "P1state" },
	{ 81, 1, "7fill_percentage 1overflow_state bgroup bvariation" },
	{ 83, 1, "wvendor_code hobject_id ydata_objects" },
	{ 86, 2, "1rd 1wr 1st 1ev 1df 1padding0 1padding1 1padding2" },
	{ 102, 1, "bvalue" },
	{ 120, 1, "wcsq husr bmal breason xchallenge_data" },
	{ 120, 2, "wcsq husr xmac_value" },
	{ 120, 3, "wcsq huser_number" },
	{ 120, 4, "huser_number" },
	{ 120, 5, "wksq huser_number bkey_wrap_alg bkey_status bmal hchallenge_data_len ychallenge_data xmac_value" },
	{ 120, 6, "wksq husr xwrapped_key_data" },
	{ 120, 7, "wsequence_number husr hassociation_id berror_code ttime_of_error Xerror_text" },
	{ 120, 8, "bkey_change_method bcertificate_type xcertificate" },
	{ 120, 9, "xmac_value" },
	{ 120, 14, "xdigital_signature" },
	{ 120, 15, "xmac" },
	{ 121, 1, STATE "1reserved0 1discontinuity 1reserved1 hassociation_id wcount_value" },
	{ 122, 1, STATE "1reserved0 1discontinuity 1reserved1 hassociation_id wcount_value" },
	{ 122, 2, STATE "1reserved0 1discontinuity 1reserved1 hassociation_id wcount_value ttimestamp" },
};

static const char *layout_of(uint8_t group, uint8_t variation)
{
	for (unsigned i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (layouts[i].group == group && layouts[i].variation == variation)
			return layouts[i].layout;
	return NULL;
}

static const char *next_name(const char *layout)
{
	while (*layout && *layout != ' ')
		layout++;
	while (*layout == ' ')
		layout++;
	return layout;
}

// Bytes of one point; UINT32_MAX: only the point itself knows.
static uint32_t layout_bytes(const char *layout)
{
	uint32_t bits = 0;
	for (; *layout; layout = next_name(layout))
		switch (*layout) {
		case 'b': bits += 8; break;
		case 'h':
		case 's': bits += 16; break;
		case 'w':
		case 'i':
		case 'f': bits += 32; break;
		case 't': bits += 48; break;
		case 'd': bits += 64; break;
		case 'x':
		case 'X':
		case 'y': return UINT32_MAX;
		default: bits += (uint32_t)(*layout - '0'); break;
		}
	return bits / 8;
}

static uint32_t read_little(struct cursor *c, unsigned bytes)
{
	uint32_t value = 0;
	for (unsigned i = 0; i < bytes; i++)
		value |= (uint32_t)cursor_u8(c) << 8 * i;
	return value;
}

static const uint8_t prefix_bytes[8] = { 0, 1, 2, 4, 1, 2, 4, 0 };

static bool read_range(struct cursor *c, struct dnp3_object *object)
{
	static const uint8_t widths[16] = { 1, 2, 4, 1, 2, 4, 0, 1, 2, 4, 0, 1 };
	uint8_t width = widths[object->range_code];
	if (object->range_code > 11 || object->range_code == 10)
		return false;
	if (object->range_code > 6) {
		object->count = read_little(c, width);
	} else if (object->range_code < 6) {
		object->start = read_little(c, width);
		object->stop = read_little(c, width);
		if (object->stop < object->start)
			return false;
		object->count = object->stop - object->start + 1;
	}
	return cursor_ok(c);
}

// Length of object's points at the start of rest; UINT32_MAX: they are cut.
static uint32_t points_bytes(const struct dnp3_object *object, const char *layout, struct span rest)
{
	if (*layout == 'P') {
		uint32_t bits = object->count * (uint32_t)(layout[1] - '0');
		return bits / 8 + (bits % 8 != 0);
	}
	uint32_t prefix = prefix_bytes[object->prefix_code], each = layout_bytes(layout);
	if (object->prefix_code < 4)
		return each == UINT32_MAX ? UINT32_MAX : object->count * (prefix + each);
	struct cursor c = cursor_on(rest);
	for (uint32_t i = 0; i < object->count && cursor_ok(&c); i++) {
		uint32_t len = read_little(&c, prefix);
		if (each != UINT32_MAX && len < each)
			return UINT32_MAX;
		cursor_skip(&c, len);
	}
	return cursor_ok(&c) ? cursor_offset(&c) : UINT32_MAX;
}

enum dnp3_object_result dnp3_object_next(struct span objects, uint32_t *at, struct dnp3_object *object)
{
	*object = (struct dnp3_object) { 0 };
	if (*at >= objects.len)
		return DNP3_OBJECT_END;
	struct cursor c = cursor_on(span_from(objects, *at));
	object->group = cursor_u8(&c);
	object->variation = cursor_u8(&c);
	object->qualifier = cursor_u8(&c);
	object->prefix_code = object->qualifier >> 4 & 7;
	object->range_code = object->qualifier & 15;
	if (!cursor_ok(&c) || !read_range(&c, object)) {
		object->count = 0;
		return DNP3_OBJECT_MALFORMED;
	}
	if (object->variation != 0 && object->count != 0) {
		const char *layout = layout_of(object->group, object->variation);
		if (!layout)
			return DNP3_OBJECT_UNKNOWN;
		if (object->count > DNP3_POINTS_MAX)
			return DNP3_OBJECT_POINTS;
		uint32_t len = points_bytes(object, layout, span_from(objects, *at + cursor_offset(&c)));
		if (len > cursor_left(&c))
			return DNP3_OBJECT_MALFORMED;
		object->points = cursor_span(&c, len);
	}
	*at += cursor_offset(&c);
	return DNP3_OBJECT_OK;
}

void dnp3_points_begin(const struct dnp3_object *object, struct dnp3_points *points)
{
	*points = (struct dnp3_points) {
		.object = object,
		.layout = layout_of(object->group, object->variation),
		.cursor = cursor_on(object->points),
	};
}

bool dnp3_points_next(struct dnp3_points *points, struct dnp3_point *point)
{
	const struct dnp3_object *object = points->object;
	if (!points->layout || points->next >= object->count || !object->points.len)
		return false;
	uint32_t number = points->next++;
	*point = (struct dnp3_point) { .index = object->start + number, .layout = points->layout };
	if (*points->layout == 'P') {
		uint32_t width = (uint32_t)(points->layout[1] - '0'), bit = number * width;
		point->layout++;
		point->bits = (uint32_t)object->points.data[bit / 8] >> bit % 8;
		point->bit = 8 - width;
		return true;
	}
	uint32_t len = layout_bytes(points->layout);
	point->prefix = read_little(&points->cursor, prefix_bytes[object->prefix_code]);
	if (object->prefix_code >= 4)
		len = point->prefix;
	else if (object->prefix_code)
		point->index = point->prefix;
	point->bytes = cursor_span(&points->cursor, len);
	point->cursor = cursor_on(point->bytes);
	return cursor_ok(&points->cursor);
}

// Bits of the byte in hand, or of the next.
static uint64_t read_bits(struct dnp3_point *point, unsigned width)
{
	if (point->bit == 0)
		point->bits = cursor_u8(&point->cursor);
	uint32_t value = point->bits & ((1u << width) - 1);
	point->bits >>= width;
	point->bit = (point->bit + width) & 7;
	return value;
}

static void read_real(struct dnp3_point *point, struct dnp3_value *value, bool wide)
{
	value->kind = DNP3_REAL;
	if (wide) {
		uint64_t bits = cursor_le64(&point->cursor);
		memcpy(&value->real, &bits, sizeof(bits));
		return;
	}
	uint32_t bits = cursor_le32(&point->cursor);
	float real;
	memcpy(&real, &bits, sizeof(bits));
	value->real = (double)real;
}

bool dnp3_value_next(struct dnp3_point *point, struct dnp3_value *value)
{
	const char *layout = point->layout;
	if (!*layout)
		return false;
	*value = (struct dnp3_value) { .name = { (const uint8_t *)layout + 1, (uint32_t)strcspn(layout + 1, " ") } };
	struct cursor *c = &point->cursor;
	switch (*layout) {
	case 'b': value->number = cursor_u8(c); break;
	case 'h': value->number = point->at = cursor_le16(c); break;
	case 'w': value->number = cursor_le32(c); break;
	case 't':
		value->number = cursor_le32(c);
		value->number |= (uint64_t)cursor_le16(c) << 32;
		break;
	case 's':
		value->kind = DNP3_SIGNED;
		value->number = (uint64_t)(int64_t)(int16_t)cursor_le16(c);
		break;
	case 'i':
		value->kind = DNP3_SIGNED;
		value->number = (uint64_t)(int64_t)(int32_t)cursor_le32(c);
		break;
	case 'f': read_real(point, value, false); break;
	case 'd': read_real(point, value, true); break;
	case 'y':
	case 'x':
	case 'X':
		value->kind = *layout == 'X' ? DNP3_TEXT : DNP3_BYTES;
		value->text = *layout == 'y' ? cursor_span(c, point->at) : cursor_rest(c);
		break;
	default: value->number = read_bits(point, (unsigned)(*layout - '0')); break;
	}
	point->layout = next_name(layout);
	return *layout == 'P' || cursor_ok(c);
}
