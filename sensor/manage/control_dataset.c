// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/manage/control_dataset.h"
#include <stdio.h>
#include "signatures/operand/dataset_json.h"
#include "signatures/rule/rule_datasets.h"

struct call {
	const struct control_request *request;
	const struct rule_set *rules;
	struct dataset *set;
	uint8_t bytes[DATASET_VALUE_MAX];
	struct span value;
	char *answer;
};

#define SAY(call, ...) snprintf((call)->answer, CONTROL_DATASET_ANSWER, __VA_ARGS__)

static bool on_add(struct call *call)
{
	uint64_t refused = dataset_refused(call->set);
	bool added = dataset_add(call->set, call->value, NULL);
	SAY(call, "%s",
		added                                   ? "data added"
		: dataset_refused(call->set) != refused ? "there is no more room in the set"
							: "data already in set");
	return added;
}

static bool on_add_json(struct call *call)
{
	const char *json = request_argument(call->request, "datajson");
	bool added = json && dataset_add_json(call->set, call->value, span_text(json));
	SAY(call, "%s",
		added ? "data added"
		      : "data already in set, no more room, or datajson is no object of at most 1024 bytes");
	return added;
}

static bool on_remove(struct call *call)
{
	bool removed = dataset_remove(call->set, call->value);
	SAY(call, "%s", removed ? "data removed" : "data is not in the set");
	return removed;
}

static bool on_lookup(struct call *call)
{
	bool found = dataset_has(call->set, call->value, NULL);
	SAY(call, "%s", found ? "item found in set" : "item not found in set");
	return found;
}

static bool on_clear(struct call *call)
{
	dataset_clear(call->set);
	SAY(call, "dataset cleared");
	return true;
}

static bool on_dump(struct call *call)
{
	unsigned failed, written = rule_datasets_save(call->rules, NULL, &failed);
	if (failed)
		SAY(call, "%u datasets written, %u could not be: the sensor's log has the reason", written, failed);
	else
		SAY(call, "%u datasets written", written);
	return failed == 0;
}

static const struct command {
	const char *name;
	bool needs_set, needs_value;
	bool (*run)(struct call *call); // fills the answer
} commands[] = {
	{ "dataset-add", true, true, on_add },
	{ "dataset-add-json", true, true, on_add_json },
	{ "dataset-remove", true, true, on_remove },
	{ "dataset-lookup", true, true, on_lookup },
	{ "dataset-clear", true, false, on_clear },
	{ "dataset-dump", false, false, on_dump },
};

static bool take_set(struct call *call)
{
	const char *name = request_argument(call->request, "setname"),
		   *type_name = request_argument(call->request, "settype");
	enum dataset_type type;
	if (!name || !type_name) {
		SAY(call, "expected the arguments setname and settype");
		return false;
	}
	call->set = rule_set_dataset(call->rules, name);
	if (!dataset_type_find(span_text(type_name), &type))
		SAY(call, "settype is none of string, md5, sha256, ipv4 and ip");
	else if (!call->set)
		SAY(call, "there is no set %.100s", name);
	else if (dataset_type(call->set) != type)
		SAY(call, "the set %.100s is of type %s", name, dataset_type_name(dataset_type(call->set)));
	else
		return true;
	return false;
}

static bool take_value(struct call *call)
{
	const char *text = request_argument(call->request, "datavalue");
	uint32_t len = text ? dataset_value_read(dataset_type(call->set), span_text(text), false, call->bytes) : 0;
	call->value = span_of(call->bytes, len);
	if (len == 0)
		SAY(call, "expected datavalue as text of the set's type (strings are in base64, hashes in hex)");
	return len != 0;
}

struct use {
	struct call *call;
	const struct command *command;
	bool good;
};

static void with_rules(void *context, const struct rule_set *rules)
{
	struct use *use = context;
	use->call->rules = rules;
	use->good = (!use->command->needs_set || take_set(use->call)) &&
		    (!use->command->needs_value || take_value(use->call)) && use->command->run(use->call);
}

bool control_dataset(
	struct reload *reload, const struct control_request *request, bool *good, char answer[CONTROL_DATASET_ANSWER])
{
	struct call call = { .request = request, .answer = answer };
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(request->command, commands[i].name) != 0)
			continue;
		struct use use = { &call, &commands[i], false };
		reload_with_rules(reload, with_rules, &use);
		*good = use.good;
		return true;
	}
	return false;
}
