// SPDX-License-Identifier: GPL-3.0-or-later
// DNS messages: sections are found, names unfold within bounds, and what is broken is left out or refused.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "decoders/app/dns/dns_message.h"

#define RAW(...) (const uint8_t[]) { __VA_ARGS__ }, sizeof((const uint8_t[]) { __VA_ARGS__ })

static struct dns_record records[DNS_RECORDS_MAX];

static bool parse(struct dns_message *m, const uint8_t *bytes, size_t len)
{
	return dns_message_parse(span_of(bytes, len), records, m);
}

// www.a.example A, answered by a CNAME to b.example and its address, with an OPT record behind.
static const uint8_t answer[] = {
	0x12, 0x34, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 1,                                //
	3, 'w', 'w', 'w', 1, 'a', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 1, 0, 1, //
	0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 4, 1, 'b', 0xc0, 18,                     //
	0xc0, 43, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4, 192, 0, 2, 7,                          //
	0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 0,                                           //
};

static void sections_and_names(void **state)
{
	(void)state;
	struct dns_message m;
	assert_true(parse(&m, answer, sizeof(answer)));
	assert_int_equal(m.id, 0x1234);
	assert_true(m.flags & DNS_QR);
	assert_int_equal(m.read_bytes, sizeof(answer));
	unsigned count;
	const struct dns_record *r = dns_message_section(&m, DNS_ANSWERS, &count);
	assert_int_equal(count, 2);
	struct dns_name name;
	assert_true(dns_name_read(m.bytes, r[0].name, m.bytes.len, &name));
	assert_true(span_is(span_of(name.text, name.len), "www.a.example"));
	assert_true(dns_record_data_name(&m, &r[0], &name));
	assert_true(span_is(span_of(name.text, name.len), "b.example"));
	assert_true(dns_name_read(m.bytes, r[1].name, m.bytes.len, &name));
	assert_true(span_is(span_of(name.text, name.len), "b.example"));
	assert_int_equal(r[1].ttl, 256);
	assert_int_equal(dns_record_data(&m, &r[1]).len, 4);
	assert_false(dns_record_data_name(&m, &r[1], &name));
	r = dns_message_section(&m, DNS_ADDITIONALS, &count);
	assert_int_equal(count, 1);
	assert_int_equal(r[0].type, DNS_OPT);
}

// Nothing was allotted for records that there are none of.
static void a_message_of_no_records_has_empty_sections(void **state)
{
	(void)state;
	struct dns_message m = { 0 };
	for (int s = 0; s < DNS_SECTIONS; s++) {
		unsigned count = 1;
		assert_null(dns_message_section(&m, (enum dns_section)s, &count));
		assert_int_equal(count, 0);
	}
}

static void every_cut_is_refused_or_flagged(void **state)
{
	(void)state;
	struct dns_message m;
	for (uint32_t len = 0; len < sizeof(answer); len++) {
		bool good = parse(&m, answer, len);
		assert_true(!good || m.invalid_additionals);
		assert_int_equal(good, len >= sizeof(answer) - 11);
	}
}

static void self_reference_is_a_loop(void **state)
{
	(void)state;
	struct dns_message m;
	assert_false(parse(&m, RAW(0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1)));
	// Behind another pointer the end of the name is known, and the message stays readable
	assert_true(parse(&m, RAW(0, 1, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 1, 'a', 0xc0, 20, 0, 1, 0, 1, 0xc0, 20, 0, 1, 0,
				      1)) == false);
	assert_true(m.name_flags & DNS_NAME_LOOP);
}

static void pointers_in_a_circle_end(void **state)
{
	(void)state;
	struct dns_message m;
	assert_true(parse(&m, RAW(0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'a', 0xc0, 12, 0, 1, 0, 1)));
	assert_true(m.name_flags & DNS_NAME_LABELS);
	struct dns_name name;
	assert_true(dns_name_read(m.bytes, 12, m.bytes.len, &name));
	assert_true(name.len <= DNS_NAME_MAX);
	assert_int_equal(name.next, 16);
}

static void long_names_are_cut(void **state)
{
	(void)state;
	uint8_t bytes[2048] = { 0, 1, 1, 0, 0, 1 };
	uint32_t at = 12;
	for (int i = 0; i < 20; i++) {
		bytes[at++] = 63;
		for (int k = 0; k < 63; k++)
			bytes[at++] = 'x';
	}
	at++;
	bytes[at + 1] = 1;
	bytes[at + 3] = 1;
	struct dns_message m;
	assert_true(parse(&m, bytes, at + 4));
	assert_int_equal(m.name_flags, DNS_NAME_TRUNCATED);
	struct dns_name name;
	assert_true(dns_name_read(m.bytes, 12, m.bytes.len, &name));
	assert_int_equal(name.len, DNS_NAME_MAX);
	assert_int_equal(name.next, at);
	assert_int_equal(m.records[0].type, 1);
}

// The label that is one too many is also the one that makes the name too long.
static void names_of_too_many_labels_are_cut_too(void **state)
{
	(void)state;
	uint8_t bytes[2048] = { 0, 1, 1, 0, 0, 1 };
	uint32_t at = 12;
	for (unsigned i = 0; i < DNS_LABELS_MAX; i++) {
		unsigned len = i < 250 ? 3 : 1;
		bytes[at++] = (uint8_t)len;
		memset(bytes + at, 'x', len);
		at += len;
	}
	bytes[at++] = 63;
	memset(bytes + at, 'y', 63);
	struct dns_name name;
	assert_false(dns_name_read(span_of(bytes, sizeof(bytes)), 12, sizeof(bytes), &name));
	assert_true(name.flags & DNS_NAME_LABELS);
	assert_true(name.flags & DNS_NAME_TRUNCATED);
	assert_int_equal(name.len, DNS_NAME_MAX);
}

static void impossible_counts_are_refused(void **state)
{
	(void)state;
	struct dns_message m;
	assert_false(parse(&m, RAW(0, 1, 1, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 1, 0, 1)));
	assert_false(parse(&m, RAW(0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x80, 0, 1, 0, 1)));
}

static void broken_data_refuses_an_answer(void **state)
{
	(void)state;
	struct dns_message m;
	// SRV of five bytes
	assert_false(
		parse(&m, RAW(0, 1, 0x81, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 33, 0, 1, 0, 0, 0, 0, 0, 5, 1, 2, 3, 4, 5)));
	// The same among the additionals
	assert_true(
		parse(&m, RAW(0, 1, 0x81, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 33, 0, 1, 0, 0, 0, 0, 0, 5, 1, 2, 3, 4, 5)));
	assert_true(m.invalid_additionals);
	assert_int_equal(m.counts[DNS_ADDITIONALS], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_and_names),
		cmocka_unit_test(a_message_of_no_records_has_empty_sections),
		cmocka_unit_test(every_cut_is_refused_or_flagged),
		cmocka_unit_test(self_reference_is_a_loop),
		cmocka_unit_test(pointers_in_a_circle_end),
		cmocka_unit_test(long_names_are_cut),
		cmocka_unit_test(names_of_too_many_labels_are_cut_too),
		cmocka_unit_test(impossible_counts_are_refused),
		cmocka_unit_test(broken_data_refuses_an_answer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
