// SPDX-License-Identifier: GPL-3.0-or-later
// A recipe's DNS question and answer (RFC 1035, section 4).
#include "sensor/packs/recipe_text.h"
#include "decoders/base/address.h"

static const struct {
	const char *name;
	uint16_t number;
} types[] = { { "A", 1 }, { "NS", 2 }, { "CNAME", 5 }, { "SOA", 6 }, { "NULL", 10 }, { "PTR", 12 }, { "MX", 15 },
	{ "TXT", 16 }, { "AAAA", 28 }, { "SRV", 33 }, { "HTTPS", 65 }, { "ANY", 255 } };

static void add16(struct recipe_text *out, unsigned value)
{
	uint8_t bytes[2] = { (uint8_t)(value >> 8), (uint8_t)value };
	recipe_text_add(out, bytes, 2);
}

static bool add_name(
	struct recipe_text *out, const struct yaml_tree *tree, const struct yaml_node *at, const char *name)
{
	size_t whole = strlen(name);
	if (whole > 253)
		return yaml_fail(tree, at, "a name of more than 253 bytes");
	while (*name && strcmp(name, ".") != 0) {
		size_t len = strcspn(name, ".");
		uint8_t head = (uint8_t)len;
		if (len == 0 || len > 63)
			return yaml_fail(tree, at, "a name's part has 1 to 63 bytes");
		recipe_text_add(out, &head, 1);
		recipe_text_add(out, name, len);
		name += len + (name[len] == '.');
	}
	recipe_text_add(out, "", 1);
	return true;
}

static bool type_of(const struct yaml_tree *tree, const struct yaml_node *item, const char *name, uint64_t *type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].name, name) == 0) {
			*type = types[i].number;
			return true;
		}
	return yaml_number_of(tree, item, name, 0, 65535, type);
}

// An answer's data by its look: an address, else a name, or for TXT a text.
static bool add_answer(
	struct recipe_text *out, const struct yaml_tree *tree, const struct yaml_node *answer, uint64_t asked)
{
	struct address address;
	struct recipe_text data = { 0 };
	uint64_t type = asked;
	bool good = answer->kind == YAML_NODE_TEXT || yaml_fail(tree, answer, "expected an address, name or text");
	if (good && asked == 16) {
		size_t len = strlen(answer->text);
		uint8_t head = (uint8_t)(len > 255 ? 255 : len);
		recipe_text_add(&data, &head, 1);
		recipe_text_add(&data, answer->text, head);
	} else if (good && address_parse(answer->text, &address)) {
		bool four = address_is_v4(&address);
		type = four ? 1 : 28;
		recipe_text_add(&data, address.bytes + (four ? 12 : 0), four ? 4 : 16);
	} else if (good) {
		type = asked == 1 || asked == 28 ? 5 : asked;
		if (type == 15)
			add16(&data, 10);
		good = add_name(&data, tree, answer, answer->text);
	}
	add16(out, 0xc00c); // the question's name
	add16(out, (unsigned)type);
	add16(out, 1);
	add16(out, 0);
	add16(out, 300);
	add16(out, (unsigned)data.len);
	recipe_text_add(out, data.bytes, data.len);
	recipe_text_fini(&data);
	return good;
}

bool recipe_dns(const struct yaml_tree *tree, const struct yaml_node *item, uint16_t id, struct recipe_text sides[2])
{
	static const char *const keys[] = { "name", "type", "answers", "rcode", "answered", NULL };
	const char *name = NULL, *type_name = "A", *answered = "yes";
	uint64_t type = 1, rcode = 0;
	const struct yaml_node *answers = yaml_get(item, "answers");
	if (!yaml_only(tree, item, keys) || !yaml_text(tree, item, "name", &name) ||
		!yaml_text(tree, item, "type", &type_name) || !yaml_number(tree, item, "rcode", 0, 15, &rcode) ||
		!yaml_text(tree, item, "answered", &answered) || !type_of(tree, item, type_name, &type))
		return false;
	if (!name)
		return yaml_fail(tree, item, "name is missing");
	if (answers && answers->kind != YAML_NODE_LIST)
		return yaml_fail(tree, answers, "answers: expected a list");
	bool silent = strcmp(answered, "no") == 0;
	for (unsigned side = 0; side < (silent ? 1u : 2u); side++) {
		add16(&sides[side], id);
		add16(&sides[side], side ? 0x8180u | (unsigned)rcode : 0x0100);
		add16(&sides[side], 1);
		add16(&sides[side], side && answers ? answers->count : 0);
		add16(&sides[side], 0);
		add16(&sides[side], 0);
		if (!add_name(&sides[side], tree, item, name))
			return false;
		add16(&sides[side], (unsigned)type);
		add16(&sides[side], 1);
	}
	for (const struct yaml_node *answer = answers && !silent ? answers->first : NULL; answer; answer = answer->next)
		if (!add_answer(&sides[1], tree, answer, type))
			return false;
	return true;
}
