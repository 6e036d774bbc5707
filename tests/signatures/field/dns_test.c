// SPDX-License-Identifier: GPL-3.0-or-later
// What rules read of a DNS transaction, and that fields are found by their keywords.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "decoders/app/dns/dns.h"
#include "signatures/field/field.h"

static struct dns_record records[DNS_RECORDS_MAX];
static struct field_scratch scratch;
static struct dns_tx *tx;
static struct slab *slab;

// Two queries; an alias and an address; a start of authority.
static const uint8_t bytes[] = {
	0, 5, 0x81, 0x83, 0, 2, 0, 2, 0, 1, 0, 0,           //
	1, 'a', 1, 'x', 0, 0, 1, 0, 1,                      //
	1, 'b', 0xc0, 14, 0, 28, 0, 1,                      //
	0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 1, 0, 2, 0xc0, 21,   //
	0xc0, 21, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 1, 2, 3, 4, //
	0xc0, 14, 0, 6, 0, 1, 0, 0, 0, 1, 0, 26, 2, 'n', 's', 0xc0, 14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, //
};

static int begin(void **state)
{
	(void)state;
	slab = slab_new(1 << 20);
	tx = slab_alloc(slab, sizeof(*tx));
	return dns_message_parse(span_of(bytes, sizeof(bytes)), records, &tx->message) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	slab_destroy(slab);
	return 0;
}

static bool get(const struct field_buffer *buffer, enum direction direction, unsigned index, const char **text)
{
	static char copy[256];
	const struct field_source source = { .tx = &tx->tx, .direction = direction, .scratch = &scratch, .slab = slab };
	scratch.used = 0;
	for (const struct field_reader *r = buffer->readers; r->get; r++) {
		struct field_value value;
		if (r->direction != direction || !r->get(&source, index, &value))
			continue;
		memcpy(copy, value.data.data, value.data.len);
		copy[value.data.len] = 0;
		*text = copy;
		return value.first && value.last;
	}
	return false;
}

static void assert_names(const char *keyword, enum direction direction, const char *const *names)
{
	const struct field_buffer *buffer = field_buffer_find(keyword);
	assert_non_null(buffer);
	unsigned i = 0;
	const char *text;
	for (; names[i]; i++) {
		assert_true(get(buffer, direction, i, &text));
		assert_string_equal(text, names[i]);
	}
	assert_false(get(buffer, direction, i, &text));
}

static void names_by_section(void **state)
{
	(void)state;
	static const char *const queries[] = { "a.x", "b.x", NULL };
	static const char *const answers[] = { "a.x", "b.x", NULL };
	static const char *const authorities[] = { "x", NULL };
	static const char *const none[] = { NULL };
	static const char *const all[] = { "a.x", "b.x", "a.x", "b.x", "x", "a.x", "b.x", "b.x", "b.x", "ns.x", NULL };
	assert_names("dns.query", TO_SERVER, queries);
	assert_names("dns_query", TO_SERVER, queries);
	assert_names("dns.query", TO_CLIENT, none);
	assert_names("dns.queries.rrname", TO_CLIENT, queries);
	assert_names("dns.answers.rrname", TO_CLIENT, answers);
	assert_names("dns.authorities.rrname", TO_CLIENT, authorities);
	assert_names("dns.additionals.rrname", TO_CLIENT, none);
	assert_names("dns.response.rrname", TO_CLIENT, all);
	assert_names("dns.response.rrname", TO_SERVER, none);
}

static uint64_t number(const char *keyword, unsigned index)
{
	const struct field_source source = { .tx = &tx->tx, .direction = TO_CLIENT };
	const struct field_number *n = field_number_find(keyword);
	assert_non_null(n);
	uint64_t value;
	return n->readers[1].get(&source, index, &value) ? value : UINT64_MAX;
}

static void numbers(void **state)
{
	(void)state;
	assert_int_equal(number("dns.opcode", 0), 0);
	assert_int_equal(number("dns.rcode", 0), 3);
	assert_int_equal(number("dns.rcode", 1), UINT64_MAX);
	static const uint64_t types[] = { 1, 28, 5, 1 };
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(number("dns.rrtype", i), types[i]);
	assert_int_equal(number("dns.rrtype", 4), UINT64_MAX);
}

static void lists_have_no_name_twice(void **state)
{
	(void)state;
	for (unsigned i = 0; field_buffers[i]; i++) {
		assert_ptr_equal(field_buffer_find(field_buffers[i]->name), field_buffers[i]);
		assert_non_null(field_buffers[i]->readers);
	}
	for (unsigned i = 0; field_numbers[i]; i++)
		assert_ptr_equal(field_number_find(field_numbers[i]->name), field_numbers[i]);
	for (unsigned i = 0; field_tests[i]; i++)
		assert_ptr_equal(field_test_find(field_tests[i]->name), field_tests[i]);
	assert_null(field_buffer_find("dns.nothing"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_by_section),
		cmocka_unit_test(numbers),
		cmocka_unit_test(lists_have_no_name_twice),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
