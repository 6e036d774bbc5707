// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/redis/redis.h"

const struct fact_name redis_facts[] = {
	[REDIS_COMMAND] = { "command", FACT_TEXT, false },
	[REDIS_ARGUMENTS] = { "arguments", FACT_TEXT, true },
	[REDIS_USER] = { "user", FACT_TEXT, false },
	[REDIS_SUCCESS] = { "success", FACT_FLAG, false },
	[REDIS_RESPONSE] = { "response", FACT_TEXT, false },
	{ NULL, 0, false },
};

// A message of a direction: elements that are still to come, and the string that is read now.
struct side {
	uint64_t pending; // elements left; 0: a new message begins
	uint32_t seen;    // strings of a command so far
	bool bulk;        // a string of bulk_len bytes, and a line end, come next
	uint32_t bulk_len;
};

struct redis_state {
	struct fact_flow facts;
	struct side sides[2];
	struct fact_tx *command; // being read; open until its answer
	bool secret;             // its arguments are a password
	bool hello;
	bool auth_next; // HELLO: the word AUTH was seen
};

static bool read_number(struct span text, int64_t *out)
{
	bool negative = text.len && text.data[0] == '-';
	uint64_t value = 0;
	if (text.len == negative || text.len > 11)
		return false;
	for (uint32_t i = negative; i < text.len; i++) {
		unsigned digit = text.data[i] - (unsigned)'0';
		if (digit > 9)
			return false;
		value = value * 10 + digit;
	}
	*out = negative ? -(int64_t)value : (int64_t)value;
	return true;
}

static void begin_command(struct app_input *input, struct redis_state *state, struct span name)
{
	state->command = fact_begin(input, true);
	state->secret = span_is_nocase(name, "AUTH");
	state->hello = span_is_nocase(name, "HELLO");
	state->auth_next = false;
	fact_text(input, state->command, REDIS_COMMAND, name);
}

// AUTH [user] password; HELLO version AUTH user password: passwords are not kept. total: strings of the command, 0 when not known.
static void take_argument(struct app_input *input, struct redis_state *state, struct span text, uint64_t left)
{
	uint32_t index = state->sides[TO_SERVER].seen;
	if (state->secret) {
		if (index == 1 && left > 1)
			fact_text(input, state->command, REDIS_USER, text);
		return;
	}
	if (state->hello && state->auth_next) {
		fact_text(input, state->command, REDIS_USER, text);
		state->secret = true; // what follows
		return;
	}
	state->auth_next = state->hello && span_is_nocase(text, "AUTH");
	if (index <= REDIS_ARGUMENTS_MAX)
		fact_text(input, state->command, REDIS_ARGUMENTS, text);
	else if (index == REDIS_ARGUMENTS_MAX + 1)
		tally(input, TALLY_TRUNCATED);
}

static void take_word(struct app_input *input, struct redis_state *state, struct span text, uint64_t left)
{
	if (state->sides[TO_SERVER].seen == 0)
		begin_command(input, state, text);
	else
		take_argument(input, state, text, left);
	state->sides[TO_SERVER].seen++;
}

static void end_command(struct app_input *input, struct redis_state *state)
{
	fact_said(input, state->command, TO_SERVER);
	state->command = NULL;
	state->sides[TO_SERVER].seen = 0;
}

// A command as words of one line.
static void take_inline(struct app_input *input, struct redis_state *state, struct span line)
{
	while (line.len && state->sides[TO_SERVER].seen <= REDIS_ARGUMENTS_MAX) {
		uint32_t end = span_find(line, ' ', 0);
		struct span word = span_slice(line, 0, end);
		line = span_from(line, end + 1);
		if (word.len)
			take_word(input, state, word, line.len ? 2 : 1);
	}
	if (state->sides[TO_SERVER].seen)
		end_command(input, state);
}

// The first line of an answer decides. One that comes before the command's end ends its transaction: nothing more is put into that.
static void take_answer(struct app_input *input, struct redis_state *state, struct span line)
{
	struct fact_tx *tx = fact_answering(input);
	if (!tx || line.data[0] == '>') // pushed, not asked for
		return;
	bool failed = line.data[0] == '-' || line.data[0] == '!';
	fact_number(input, tx, REDIS_SUCCESS, !failed);
	if (line.data[0] == '-' || line.data[0] == '+')
		fact_text(input, tx, REDIS_RESPONSE, span_from(line, 1));
	fact_finish(input, tx);
	if (tx == state->command)
		state->command = NULL;
}

// One element is over.
static void count_down(struct app_input *input, struct redis_state *state, struct side *side)
{
	if (side->pending)
		side->pending--;
	if (!side->pending && input->direction == TO_SERVER && side->seen)
		end_command(input, state);
}

// A line that begins an element. False: it cannot be one.
static bool take_line(struct app_input *input, struct redis_state *state, struct span line)
{
	struct side *side = &state->sides[input->direction];
	int64_t number;
	if (!line.len)
		return side->pending == 0;
	if (input->direction == TO_SERVER && !side->pending && line.data[0] != '*') {
		take_inline(input, state, line);
		return true;
	}
	if (input->direction == TO_CLIENT && !side->pending)
		take_answer(input, state, line);
	uint64_t before = side->pending ? side->pending - 1 : 0;
	switch (line.data[0]) {
	case '*':
	case '~':
	case '>':
	case '%':
	case '|':
		if (!read_number(span_from(line, 1), &number) || number > 1 << 30)
			return false;
		number = number < 0 ? 0 : line.data[0] == '%' || line.data[0] == '|' ? 2 * number : number;
		if (before > UINT32_MAX)
			return false;
		side->pending = before + (uint64_t)number;
		return true;
	case '$':
	case '!':
	case '=':
		if (!read_number(span_from(line, 1), &number) || number > 1 << 29)
			return false;
		side->bulk = number >= 0;
		side->bulk_len = number >= 0 ? (uint32_t)number : 0;
		if (!side->bulk)
			count_down(input, state, side);
		return true;
	case '+':
	case '-':
	case ':':
	case '_':
	case '#':
	case ',':
	case '(':
		if (input->direction == TO_SERVER)
			take_word(input, state, span_from(line, 1), side->pending);
		count_down(input, state, side);
		return true;
	default: return false;
	}
}

// A string with its line end. 0: more is needed.
static uint32_t take_bulk(struct app_input *input, struct redis_state *state, uint32_t at)
{
	struct side *side = &state->sides[input->direction];
	uint32_t wanted = side->bulk_len < REDIS_BULK_MAX ? side->bulk_len : REDIS_BULK_MAX;
	struct span rest = span_from(input->data, at);
	bool command = input->direction == TO_SERVER;
	if (command && rest.len < wanted)
		return 0;
	if (command) {
		take_word(input, state, span_slice(rest, 0, wanted), side->pending);
		if (wanted < side->bulk_len)
			tally(input, TALLY_TRUNCATED);
	}
	side->bulk = false;
	uint32_t taken = fact_pass(input, at, side->bulk_len + 2);
	count_down(input, state, side);
	return taken;
}

static enum app_result parse(struct app_input *input)
{
	struct redis_state *state = input->flow->app.state;
	struct side *side = &state->sides[input->direction];
	uint32_t at = fact_skip(input);
	if (at == UINT32_MAX)
		return APP_ERROR;
	while (at < input->data.len) {
		if (side->bulk) {
			uint32_t taken = take_bulk(input, state, at);
			if (!taken)
				break;
			at += taken;
			continue;
		}
		struct span rest = span_slice(input->data, at, REDIS_LINE_MAX);
		uint32_t end = span_find(rest, '\n', 0);
		work_step(end / 16 + 1);
		if (end == rest.len && rest.len < REDIS_LINE_MAX)
			break;
		struct span line = span_slice(rest, 0, end && rest.data[end - 1] == '\r' ? end - 1 : end);
		if (end == rest.len || !take_line(input, state, line))
			return fact_give_up(input, end == rest.len ? FACT_TOO_LONG : FACT_MALFORMED);
		at += end + 1;
	}
	input->consumed = at;
	return APP_OK;
}

// "*N\r\n$M\r\n": only Redis begins so.
static enum app_probe probe(enum direction direction, struct span data, const struct flow *flow)
{
	if (direction == TO_CLIENT)
		return flow->app.proto == APP_REDIS ? APP_PROBE_YES : APP_PROBE_NO;
	static const char *const words[] = { "PING\r\n", "AUTH ", "INFO\r\n", "SELECT ", "COMMAND\r\n", "CONFIG ",
		"KEYS ", "SLAVEOF ", "REPLICAOF ", "FLUSHALL\r\n" };
	bool hinted = flow->app.flags & APP_HINTED;
	for (unsigned i = 0; hinted && i < sizeof(words) / sizeof(words[0]); i++)
		if (span_starts_nocase(data, words[i]))
			return APP_PROBE_YES;
	if (data.data[0] != '*')
		return hinted && data.len < 11 ? APP_PROBE_MORE : APP_PROBE_NO;
	uint32_t at = 1;
	while (at < data.len && at < 8 && data.data[at] >= '0' && data.data[at] <= '9')
		at++;
	if (data.len < at + 3)
		return at < 8 ? APP_PROBE_MORE : APP_PROBE_NO;
	return at > 1 && memcmp(data.data + at, "\r\n$", 3) == 0 ? APP_PROBE_YES : APP_PROBE_NO;
}

static const struct app_port ports[] = { { PROTO_TCP, 6379, 6379 }, { 0 } };

const struct app_parser redis_parser = {
	.proto = APP_REDIS,
	.name = "redis",
	.tcp = true,
	.ports = ports,
	.probe_bytes = 12,
	.probe = probe,
	.state_bytes = sizeof(struct redis_state),
	.parse = parse,
	FACT_PARSER,
};
