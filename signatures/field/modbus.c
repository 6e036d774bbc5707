// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/modbus.h"
#include "decoders/app/modbus/modbus.h"
#include "signatures/field/argument.h"

#define ADDRESSES_MAX 2000 // of a request

enum modbus_what {
	MODBUS_UNIT = 1 << 0,
	MODBUS_FUNCTION = 1 << 1,
	MODBUS_SUBFUNCTION = 1 << 2,
	MODBUS_CATEGORY = 1 << 3,
	MODBUS_ACCESS = 1 << 4,
	MODBUS_ADDRESS = 1 << 5,
	MODBUS_VALUE = 1 << 6,
};

enum modbus_table { MODBUS_ANY_TABLE, MODBUS_DISCRETES, MODBUS_COILS, MODBUS_INPUT, MODBUS_HOLDING };

// modbus: "unit U, function F, subfunction S", "unit U, function CATEGORY" or "unit U, access read|write TABLE, address A, value V".
struct modbus_test {
	uint32_t given; // enum modbus_what
	struct argument_compare unit, address, value;
	uint16_t subfunction;
	uint8_t function;
	uint8_t categories; // enum modbus_category
	uint8_t table;      // enum modbus_table
	bool not_category, writes;
};
static_assert(sizeof(struct modbus_test) <= FIELD_TEST_BYTES, "fits a test");

static const char *parse_function(struct modbus_test *test, struct span text)
{
	static const struct field_name categories[] = { { "assigned", MODBUS_PUBLIC_ASSIGNED },
		{ "unassigned", MODBUS_PUBLIC_UNASSIGNED },
		{ "public", MODBUS_PUBLIC_ASSIGNED | MODBUS_PUBLIC_UNASSIGNED }, { "user", MODBUS_USER },
		{ "reserved", MODBUS_RESERVED },
		{ "all", MODBUS_PUBLIC_ASSIGNED | MODBUS_PUBLIC_UNASSIGNED | MODBUS_USER | MODBUS_RESERVED },
		{ NULL, 0 } };
	uint64_t code;
	if (argument_number(text, UINT8_MAX, &code)) {
		test->given |= MODBUS_FUNCTION;
		test->function = (uint8_t)code;
		return NULL;
	}
	test->given |= MODBUS_CATEGORY;
	test->not_category = text.len && text.data[0] == '!';
	text = span_trim(span_from(text, test->not_category));
	for (unsigned i = 0; categories[i].name; i++)
		if (span_is_nocase(text, categories[i].name)) {
			test->categories = (uint8_t)categories[i].value;
			return NULL;
		}
	return "expected a function code, or assigned, unassigned, public, user, reserved or all";
}

static const char *parse_subfunction(struct modbus_test *test, struct span text)
{
	uint64_t code;
	if (!(test->given & MODBUS_FUNCTION))
		return "subfunction needs the number of a function before it";
	if (!argument_number(text, UINT16_MAX, &code))
		return "expected the number of a subfunction";
	test->given |= MODBUS_SUBFUNCTION;
	test->subfunction = (uint16_t)code;
	return NULL;
}

static const char *parse_access(struct modbus_test *test, struct span text)
{
	static const char *const tables[] = { NULL, "discretes", "coils", "input", "holding" };
	struct span word;
	argument_word(&text, &word);
	test->given |= MODBUS_ACCESS;
	test->writes = span_is_nocase(word, "write");
	if (!test->writes && !span_is_nocase(word, "read"))
		return "expected read or write after access";
	if (!argument_word(&text, &word))
		return NULL;
	for (uint8_t i = MODBUS_DISCRETES; i <= MODBUS_HOLDING; i++)
		if (span_is_nocase(word, tables[i]))
			test->table = i;
	if (test->table == MODBUS_ANY_TABLE || text.len)
		return "expected discretes, coils, input or holding after read or write";
	if (test->writes && (test->table == MODBUS_DISCRETES || test->table == MODBUS_INPUT))
		return "discretes and input can only be read";
	return NULL;
}

static const char *parse_part(struct modbus_test *test, struct span name, struct span text)
{
	if (span_is_nocase(name, "unit")) {
		test->given |= MODBUS_UNIT;
		return argument_compare_read(text, UINT8_MAX, &test->unit) ? NULL : "expected a unit up to 255";
	}
	if (span_is_nocase(name, "function") && !(test->given & MODBUS_ACCESS))
		return parse_function(test, text);
	if (span_is_nocase(name, "subfunction"))
		return parse_subfunction(test, text);
	if (span_is_nocase(name, "access") && !(test->given & (MODBUS_FUNCTION | MODBUS_CATEGORY)))
		return parse_access(test, text);
	if (span_is_nocase(name, "address")) {
		if (!(test->given & MODBUS_ACCESS))
			return "address needs access before it";
		test->given |= MODBUS_ADDRESS;
		return argument_compare_read(text, UINT16_MAX, &test->address) ? NULL
									       : "expected an address up to 65535";
	}
	if (span_is_nocase(name, "value")) {
		if (!test->writes || !(test->given & MODBUS_ADDRESS))
			return "value needs access write and an address before it";
		test->given |= MODBUS_VALUE;
		return argument_compare_read(text, UINT16_MAX, &test->value) ? NULL : "expected a value up to 65535";
	}
	return "expected unit, function and subfunction, or access, address and value";
}

static const char *parse_modbus(const char *arguments, void *data)
{
	struct modbus_test *test = data;
	struct span rest = span_text(arguments), part, name;
	const char *reason = NULL;
	while (!reason && argument_next(&rest, ',', &part)) {
		argument_word(&part, &name);
		reason = parse_part(test, name, span_trim(part));
	}
	return reason;
}

static bool function_fits(const struct modbus_test *test, const struct modbus_message *m)
{
	if (test->given & MODBUS_FUNCTION && m->function != test->function)
		return false;
	if (test->given & MODBUS_SUBFUNCTION && (m->len < 2 || be16_at(m->data) != test->subfunction))
		return false;
	return !(test->given & MODBUS_CATEGORY) || !(m->category & test->categories) == test->not_category;
}

// Is any address of the range as the rule wants it, and with a value, what is written to it?
static bool address_fits(const struct modbus_test *test, const struct modbus_message *m)
{
	uint32_t from = test->writes ? m->write_address : m->read_address;
	uint32_t count = test->writes ? m->write_quantity : m->read_quantity;
	uint16_t value;
	for (uint32_t i = 0; i < count && i < ADDRESSES_MAX; i++) {
		if (!argument_compare_holds(&test->address, from + i))
			continue;
		if (!(test->given & MODBUS_VALUE))
			return true;
		if (modbus_written_value(m, from + i, &value) && argument_compare_holds(&test->value, value))
			return true;
	}
	return false;
}

static bool access_fits(const struct modbus_test *test, const struct modbus_message *m)
{
	static const uint8_t tables[] = { [MODBUS_DISCRETES] = MODBUS_OF_DISCRETES,
		[MODBUS_COILS] = MODBUS_OF_COILS,
		[MODBUS_INPUT] = MODBUS_OF_INPUT,
		[MODBUS_HOLDING] = MODBUS_OF_HOLDING };
	if (!(test->given & MODBUS_ACCESS))
		return true;
	if (!(m->access & (test->writes ? MODBUS_WRITES : MODBUS_READS)))
		return false;
	if (test->table != MODBUS_ANY_TABLE && !(m->access & tables[test->table]))
		return false;
	if (!(test->given & MODBUS_ADDRESS))
		return true;
	return (test->writes ? m->has_write : m->has_read) && address_fits(test, m);
}

static bool match_request(const struct field_source *source, const void *data)
{
	const struct modbus_test *test = data;
	const struct modbus_message *m = &modbus_tx_of(source->tx)->messages[TO_SERVER];
	if (!m->present || (test->given & MODBUS_UNIT && !argument_compare_holds(&test->unit, m->unit)))
		return false;
	return function_fits(test, m) && access_fits(test, m);
}

FIELD_TEST(field_modbus, APP_MODBUS, "modbus", NULL, parse_modbus, { APP_MODBUS, TO_SERVER, 0, match_request });
