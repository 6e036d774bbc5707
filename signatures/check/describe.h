// SPDX-License-Identifier: GPL-3.0-or-later
// Describe: a rule's conditions in words, for who maintains it: `rules explain` lists them, `rules test` names the first that was false.
//
// A rule is a list of parts, in the order the engine asks them: what its header wants, its tests on packet and flow, the conditions on payload
// and fields of the packet, then those on transactions. The engine asks the buffer of the fast pattern before the others of its kind; the
// numbering here is that of the rule, so that a part can be named by where it is in it.
//
// Memory       the caller's buffer; words that do not fit are cut
// Threads      const, pure functions
#pragma once
#include "signatures/rule/rule.h"

struct rule_set;

enum rule_part_kind {
	PART_PROTOCOL, // IP or application protocol of the header
	PART_SOURCE,   // addresses
	PART_SOURCE_PORT,
	PART_DESTINATION,
	PART_DESTINATION_PORT,
	PART_FLOW,       // the flow keyword
	PART_HOOK,       // "tls:client_hello_done"
	PART_TEST,       // rule->tests[index]
	PART_BUFFER,     // rule->buffers[index] can be read at all
	PART_MATCH,      // rule->buffers[index].matches[match]
	PART_NUMBER,     // rule->numbers[index]
	PART_FIELD_TEST, // rule->field_tests[index]
	PART_THRESHOLD,  // rule->thresholds[index]
};

struct rule_part {
	uint8_t kind; // enum rule_part_kind
	uint16_t index, match;
};

#define RULE_PARTS_MAX 512

// The parts of rule, max at most; those that ask for nothing ("any") are left out. Gives their number.
unsigned rule_parts(const struct rule *rule, struct rule_part *out, unsigned max);

// The part in words, without a full stop: 'http.uri contains "/admin" within its first 10 bytes'. set names bits and variables; NULL: they have
// numbers. Gives text.
const char *rule_part_describe(
	const struct rule_set *set, const struct rule *rule, const struct rule_part *part, char *text, size_t size);

// What is done after a match: rule->actions[index] ("sets the flow bit ET.x").
const char *rule_action_describe(
	const struct rule_set *set, const struct rule *rule, unsigned index, char *text, size_t size);
// "payload", "http.uri in lower case".
const char *rule_buffer_describe(const struct rule *rule, unsigned buffer, char *text, size_t size);
