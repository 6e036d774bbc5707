// SPDX-License-Identifier: GPL-3.0-or-later
// Rules load: the rule set and engine a config asks for, with what was wrong told on standard error.
#pragma once
#include "sensor/config/config.h"
#include "sensor/files/pack_error.h"
#include "sensor/pipeline/pipeline.h"
#include "signatures/rule/rule_set.h"

struct rules {
	struct rule_set *set;
	struct engine *engine;
	struct reputation *reputation;  // NULL when it is off; without lists and feeds it is empty
	const struct address_set *home; // HOME_NET; NULL when it is not set
	struct rule_needs needs;
	uint32_t errors, warnings;    // lines of reputation lists included
	uint32_t host_bits;           // rules that ask for bits of hosts
	struct sensor_config *config; // what they were loaded by, theirs to free; NULL: the run's
};

struct rules_request {
	const struct sensor_config *config;
	const char *only;        // -S; NULL: rule-files of the config
	const char *const *more; // -s; NULL-terminated; may be NULL
	bool drops_enabled;
	const struct rules
		*like;       // loaded before: what is the same in both is shared; not needed after the call; NULL: none
	bool all_or_nothing; // false also when a rule is refused that like did not refuse
	struct rules_problem *problem; // filled when the answer is false; may be NULL
};

// What was wrong first, for who asked for a reload: "FILE:LINE:COLUMN: KEYWORD: REASON".
struct rules_problem {
	char text[640];
};

// What config says of how rules are read; on_error and drops_enabled are the caller's. Borrows config.
void rules_options(const struct sensor_config *config, struct rule_options *options);
// "FILE:LINE:COLUMN: KEYWORD: REASON", as much of it as is known.
#define RULES_ERROR_TEXT 5000
void rules_error_text(const struct rule_error *error, char out[RULES_ERROR_TEXT]);
// False with the reason logged: a rule file or reputation list that cannot be read, or no engine. Rules that cannot be taken are told and left out.
bool rules_load(const struct rules_request *request, struct rules *rules);
// Only the indicators that config names, into rules->reputation; what is wrong in lists is added to rules->errors. NULL stays where reputation is off; where
// it was on before (keep_on) it becomes an empty generation. False with the reason in error.
bool rules_load_reputation(const struct sensor_config *config, const struct address_set *home, bool keep_on,
	struct rules *rules, struct pack_error *error);
void rules_unload(struct rules *rules);
