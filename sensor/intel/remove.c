// SPDX-License-Identifier: GPL-3.0-or-later
// `sekisho intel remove VALUE...`: what was added by hand goes. What a feed lists is its own: an allow entry is against it.
#include "decoders/base/log.h"
#include "decoders/base/plain_text.h"
#include "sensor/files/audit_log.h"
#include "sensor/intel/intel.h"
#include "sensor/intel/verbs.h"

static bool remove_one(struct intel *intel, const char *text, struct feed_value *value, const void *context)
{
	(void)context;
	struct pack_error error = { "" };
	char canonical[INTEL_TEXT_MAX];
	unsigned removed = 0, again = 0;
	bool good = local_remove(&intel->state, text, &removed, &error);
	// As it was written there
	if (good && !feed_value_parse(span_text(text), INDICATOR_KINDS, NULL, true, value)) {
		feed_value_text(&value->indicator, canonical, sizeof(canonical));
		good = local_remove(&intel->state, canonical, &again, &error);
		removed += again;
	}
	if (!good) {
		log_error("%s", error.text);
		return false;
	}
	if (!removed) {
		(void)intel_audit(intel, "remove",
			json_pack("{s:o, s:i, s:s}", "value", audit_text(text), "entries", 0, "result",
				"was not added by hand"));
		log_error(
			"%s was not added by hand; what a feed lists is excepted by `sekisho intel add --allow`", text);
		return false;
	}
	plain_printf(stdout, "%s is not listed by hand any more\n", text);
	return intel_audit(intel, "remove",
		json_pack("{s:o, s:i, s:s}", "value", audit_text(text), "entries", (int)removed, "result", "done"));
}

static int run_remove(int argc, char **argv)
{
	bool no_reload = false;
	const struct verb_option own[] = {
		{ "no-reload", &no_reload, NULL, "do not ask a running sensor to use the indicators" },
		{ 0 },
	};
	struct verb_line line;
	int result;
	if (!verb_parse(&line, &intel_remove, own, argc, argv, &result))
		return result;
	if (!line.count) {
		log_error("intel remove: which value? (sekisho intel remove --help)");
		return VERB_BAD;
	}
	return intel_change_values(&line, no_reload, remove_one, NULL);
}

const struct verb intel_remove = { &intel_tool, "remove", "VALUE...", "takes back what was added by hand", run_remove };
