// SPDX-License-Identifier: GPL-3.0-or-later
// One condition of a rule on a field of the packet or transaction at hand.
#include "decoders/app/files/file.h"
#include "signatures/engine/worker.h"
#include "signatures/match/number.h"

#define VALUES_MAX 4096 // of a multi buffer looked at

bool buffer_holds(struct engine_worker *worker, const struct rule *rule, const struct rule_buffer *buffer,
	const struct field_value *value)
{
	struct buffer_matcher *matcher = &worker->matcher;
	matcher->data = value->data;
	matcher->base = value->offset;
	matcher->last = value->last || worker->now->flow_ended;
	matcher->little = value->little;
	bool holds = buffer_match(matcher, rule, buffer);
	if (matcher->has_entropy)
		keep_entropy(worker, buffer);
	if (matcher->step_limit || matcher->pcre_limit)
		count_over(worker, rule->index, matcher->step_limit, matcher->pcre_limit);
	return holds;
}

static const struct match *absent_of(const struct rule_buffer *buffer)
{
	for (unsigned i = 0; i < buffer->match_count; i++)
		if (buffer->matches[i].kind == MATCH_ABSENT)
			return &buffer->matches[i];
	return NULL;
}

static enum answer buffer_condition(
	struct engine_worker *worker, const struct rule *rule, const struct condition *condition)
{
	const struct rule_buffer *buffer = &rule->buffers[condition->index];
	const struct field_buffer *field = buffer->field;
	const struct match *absent = absent_of(buffer);
	struct field_value value;
	unsigned most = field->flags & FIELD_MULTI ? VALUES_MAX : 1;
	for (unsigned i = 0; i < most; i++) {
		enum value_state state = value_get(worker, condition->key, i, &value);
		if (state == VALUE_ABSENT && i == 0 && absent)
			return ANSWER_YES;
		if (state == VALUE_ABSENT)
			break;
		if (state == VALUE_WAITING)
			continue;
		if (absent && !absent->absent.or_else)
			return ANSWER_NO;
		if (buffer_holds(worker, rule, buffer, &value))
			return ANSWER_YES;
	}
	return ANSWER_NO;
}

static bool reader_here(
	const struct engine_worker *worker, enum field_level level, enum app_proto reader, enum direction direction)
{
	if (level == FIELD_PACKET)
		return reader == APP_UNKNOWN;
	return direction == worker->direction && field_reads(reader, (enum app_proto)worker->now->flow->app.proto);
}

// What the values of a number come to.
struct number_tally {
	unsigned count, fit;
	bool at_index; // the value at the index fits
};

static bool tally_holds(const struct rule_number *number, const struct number_tally *tally)
{
	switch ((enum number_how)number->how) {
	case NUMBER_ANY: return tally->fit != 0;
	case NUMBER_ANY_OR_ABSENT: return tally->fit != 0 || tally->count == 0;
	case NUMBER_ALL: return tally->count != 0 && tally->fit == tally->count;
	case NUMBER_ALL_OR_ABSENT: return tally->fit == tally->count;
	case NUMBER_INDEX: return tally->at_index;
	case NUMBER_INDEX_OR_ABSENT:
		return tally->at_index || (number->index >= 0 ? (int64_t)tally->count <= number->index
							      : (int64_t)tally->count < -(int64_t)number->index);
	case NUMBER_TIMES: return number_holds(&number->amount, tally->fit);
	case NUMBER_COUNT: return number_holds(&number->amount, tally->count);
	}
	return false;
}

// The stretch of count values that is looked at; empty when an end of it lies outside.
static void slice_bounds(const struct rule_number *number, unsigned count, unsigned *from, unsigned *to)
{
	int64_t low = number->from < 0 ? (int64_t)count + number->from : number->from;
	int64_t high = number->to < 0 ? (int64_t)count + number->to : number->to;
	bool inside = low >= 0 && high <= (int64_t)count && low < high;
	*from = inside ? (unsigned)low : 0;
	*to = inside ? (unsigned)high : 0;
}

static bool number_fits(const struct rule_number *number, const struct field_number_reader *reader,
	const struct field_source *source, unsigned index)
{
	uint64_t value;
	return reader->get(source, index, &value) && number_holds(&number->match, value) != number->negated;
}

static bool number_condition(struct engine_worker *worker, const struct rule_number *number)
{
	const struct field_number_reader *reader = number->field->readers;
	struct field_source source = value_source(worker);
	uint64_t value;
	while (reader->get && !reader_here(worker, number->field->level, reader->proto, reader->direction))
		reader++;
	if (!reader->get)
		return false;
	unsigned most = number->field->flags & FIELD_MULTI ? VALUES_MAX : 1, count = 0;
	if (number->how == NUMBER_ANY && !number->sliced) {
		for (; count < most && reader->get(&source, count, &value); count++)
			if (number_holds(&number->match, value) != number->negated)
				return true;
		return false;
	}
	while (count < most && reader->get(&source, count, &value))
		count++;
	unsigned from = 0, to = count;
	if (number->sliced)
		slice_bounds(number, count, &from, &to);
	struct number_tally tally = { .count = to - from };
	for (unsigned i = from; i < to; i++)
		tally.fit += number_fits(number, reader, &source, i);
	int64_t index = number->index < 0 ? (int64_t)to + number->index : (int64_t)from + number->index;
	tally.at_index = index >= from && index < to && number_fits(number, reader, &source, (unsigned)index);
	return tally_holds(number, &tally);
}

static bool carries_file(const struct engine_worker *worker)
{
	for (const struct file *file = worker->tx->files; file; file = file->next)
		if (file->direction == worker->direction)
			return true;
	return false;
}

static bool test_condition(struct engine_worker *worker, const struct rule_field_test *test)
{
	const struct field_test_reader *reader = test->field->readers;
	struct field_source source = value_source(worker);
	while (reader->match && !reader_here(worker, test->field->level, reader->proto, reader->direction))
		reader++;
	if (test->negated && test->field->level == FIELD_BODY && !carries_file(worker))
		return false; // what a file is not says nothing when there is none
	return reader->match && reader->match(&source, test->data) != test->negated;
}

enum answer condition_holds(struct engine_worker *worker, const struct plan *plan, const struct condition *condition)
{
	const struct rule *rule = plan->rule;
	switch (condition->kind) {
	case CONDITION_BUFFER: return buffer_condition(worker, rule, condition);
	case CONDITION_NUMBER:
		return number_condition(worker, &rule->numbers[condition->index]) ? ANSWER_YES : ANSWER_NO;
	case CONDITION_TEST:
		return test_condition(worker, &rule->field_tests[condition->index]) ? ANSWER_YES : ANSWER_NO;
	case CONDITION_HOOK: return ANSWER_YES;
	case CONDITION_STATE: {
		const struct rule_test *test = &rule->tests[condition->index];
		uint8_t progress = worker->tx->progress[worker->direction];
		return number_compare(test->app_state.op, progress, test->app_state.progress, 0) ? ANSWER_YES
												 : ANSWER_NO;
	}
	default: {
		const struct rule_test *test = &rule->tests[condition->index];
		bool there = test->app_event.bit < 64 && (worker->tx->events >> test->app_event.bit & 1);
		return there != test->negated ? ANSWER_YES : ANSWER_NO;
	}
	}
}
