// SPDX-License-Identifier: GPL-3.0-or-later
// filestore: which files a rule that matched wants stored. They are only marked here; the pipeline hands them over when they are whole.
#include "decoders/app/files/file.h"
#include "signatures/engine/worker.h"
#include "signatures/field/file.h"

static const struct field_store *store_of(const struct rule *rule)
{
	for (unsigned i = 0; i < rule->field_test_count; i++)
		if (rule->field_tests[i].field == &field_filestore)
			return rule->field_tests[i].data;
	return NULL;
}

// Does every test of rule that asks about files hold for file alone? What rules ask of files' bytes and names as buffers held for one of them.
static bool is_meant(struct engine_worker *worker, const struct rule *rule, const struct file *file)
{
	struct field_source source = value_source(worker);
	source.file = file;
	for (unsigned i = 0; i < rule->field_test_count; i++) {
		const struct rule_field_test *test = &rule->field_tests[i];
		const struct field_test_reader *reader = test->field->readers;
		if (test->field->level != FIELD_BODY)
			continue;
		while (reader->match && !(field_reads(reader->proto, worker->now->flow->app.proto) &&
						reader->direction == (enum direction)file->direction))
			reader++;
		if (reader->match && reader->match(&source, test->data) == test->negated)
			return false;
	}
	return true;
}

static void want(struct file *file, const struct rule *rule)
{
	file->wanted = true;
	for (unsigned i = 0; i < file->sid_count; i++)
		if (file->sids[i] == rule->sid)
			return;
	if (file->sid_count < FILE_SIDS_MAX)
		file->sids[file->sid_count++] = rule->sid;
}

void choose_files(struct engine_worker *worker, const struct rule *rule, struct app_tx *tx)
{
	const struct field_store *store = store_of(rule);
	struct flow *flow = worker->now->flow;
	if (!store || !flow)
		return;
	unsigned directions = store->directions ? store->directions : 1u << worker->direction;
	if (store->scope == FIELD_STORE_FLOW)
		flow->app.flags |= (directions & 1u << TO_SERVER ? APP_STORE_TS : 0) |
				   (directions & 1u << TO_CLIENT ? APP_STORE_TC : 0);
	if (store->scope == FIELD_STORE_TX)
		tx->store_files |= (uint8_t)directions;
	for (struct file *file = tx->files; file; file = file->next)
		if (directions >> file->direction & 1 &&
			(store->scope != FIELD_STORE_FILE || is_meant(worker, rule, file)))
			want(file, rule);
}
