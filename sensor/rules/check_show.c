// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/rules/check_show.h"
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "decoders/base/plain_text.h"
#include "sensor/rules/source_text.h"
#include "sensor/verb/tool_json.h"

#define WIDTH_PRESET 120
#define WIDTH_LEAST  40
#define MARGIN       9 // of the line's number and the bar

// The file that was shown last stays open: messages come sorted by file.
struct sources {
	const char *path;
	struct source_text *text;
};

static struct source_text *source_of(struct sources *sources, const char *path)
{
	if (!sources->path || strcmp(sources->path, path) != 0) {
		source_text_close(sources->text);
		sources->text = source_text_open(path);
		sources->path = path;
	}
	return sources->text;
}

// Where a row points to in its file, and that line. False: about no line, or the file cannot be read again.
static bool place_of(
	struct sources *sources, const struct check_row *row, uint32_t *line, uint32_t *column, struct span *text)
{
	struct source_text *source = row->file && row->line ? source_of(sources, row->file) : NULL;
	*line = row->line;
	*column = row->column;
	if (!source)
		return false;
	source_text_place(source, line, column);
	*text = source_text_line(source, *line);
	return text->len != 0;
}

static uint32_t width_of(FILE *out)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS");
	uint32_t width = columns ? (uint32_t)strtoul(columns, NULL, 10) : 0;
	if (!width && ioctl(fileno(out), TIOCGWINSZ, &size) == 0)
		width = size.ws_col;
	if (!width || width > 1000)
		width = WIDTH_PRESET;
	return width < WIDTH_LEAST ? WIDTH_LEAST : width;
}

// Length of what is at column: an option to its ";", in the header a word.
static uint32_t length_at(struct span text, uint32_t at)
{
	uint32_t end = at, open = span_find(text, '(', 0);
	bool header = at < open && (open < text.len || span_find(text, ';', 0) == text.len);
	for (; end < text.len; end++) {
		uint8_t c = text.data[end];
		if (header ? c == ' ' || c == '\t' : c == ';' && end > at && text.data[end - 1] != '\\')
			break;
	}
	return end > at ? end - at : 1;
}

// The part of the line around column that fits, and the mark below.
static void show_line(struct span text, uint32_t line, uint32_t column, bool whole, FILE *out)
{
	uint32_t width = width_of(out) - MARGIN, at = column ? column - 1 : 0, from = 0;
	if (at >= text.len)
		at = text.len - 1;
	if (text.len > width && at > width / 3)
		from = at - width / 3;
	if (text.len > width && text.len - from < width)
		from = text.len - width;
	uint32_t to = text.len - from > width ? from + width : text.len;
	fprintf(out, " %5u | ", line);
	for (uint32_t i = from; i < to; i++) {
		bool cut = (from && i < from + 3) || (to < text.len && i + 3 >= to);
		uint8_t c = text.data[i];
		fputc(cut ? '.' : c == '\t' ? ' ' : c < 0x20 || c >= 0x7f ? '?' : c, out);
	}
	if (whole) {
		fputc('\n', out);
		return;
	}
	fprintf(out, "\n       | %*s^", (int)(at - from), "");
	uint32_t len = length_at(text, at);
	for (uint32_t i = 1; i < len && at + i < to; i++)
		fputc('~', out);
	fputc('\n', out);
}

static void show_row(struct sources *sources, const struct check_row *row, FILE *out)
{
	static const char *const colours[] = { "\033[1;31m", "\033[1;35m", "\033[1;36m" };
	bool colour = isatty(fileno(out)) && !getenv("NO_COLOR");
	uint32_t line, column;
	struct span text;
	bool placed = place_of(sources, row, &line, &column, &text);
	plain_printf(out, "%s", row->file && row->file[0] ? row->file : "rules");
	if (line)
		fprintf(out, ":%u", line);
	if (line && column && placed)
		fprintf(out, ":%u", column);
	fprintf(out, ": %s%s:%s ", colour ? colours[row->severity] : "",
		check_severity_name((enum check_severity)row->severity), colour ? "\033[0m" : "");
	if (row->sid)
		fprintf(out, "sid %u: ", row->sid);
	plain_printf(out, "%s%s%s [%s]\n", row->keyword, row->keyword[0] ? ": " : "", row->reason ? row->reason : "",
		row->id);
	if (placed)
		show_line(text, line, column, row->column == 0, out);
}

struct tally {
	const char *id;
	uint8_t severity;
	uint32_t count;
};

static int by_count(const void *a, const void *b)
{
	const struct tally *x = a, *y = b;
	if (x->severity != y->severity)
		return x->severity < y->severity ? -1 : 1;
	return x->count != y->count ? x->count < y->count ? 1 : -1 : strcmp(x->id, y->id);
}

#define IDS_MAX 64

static void show_sums(const struct check_list *list, const struct check_sums *sums, uint32_t hidden, FILE *out)
{
	struct tally tallies[IDS_MAX];
	unsigned count = 0;
	for (uint32_t i = 0; i < list->count; i++) {
		unsigned k = 0;
		while (k < count &&
			(strcmp(tallies[k].id, list->rows[i].id) != 0 || tallies[k].severity != list->rows[i].severity))
			k++;
		if (k == IDS_MAX)
			continue;
		if (k == count)
			tallies[count++] = (struct tally) { list->rows[i].id, list->rows[i].severity, 0 };
		tallies[k].count++;
	}
	qsort(tallies, count, sizeof(*tallies), by_count);
	if (hidden)
		fprintf(out, "%u more not shown (--info, --limit)\n", hidden);
	for (unsigned i = 0; i < count; i++)
		fprintf(out, "%8u  %-7s  %s\n", tallies[i].count,
			check_severity_name((enum check_severity)tallies[i].severity), tallies[i].id);
	fprintf(out, "%u rules taken, %u refused, %u not for this sensor: %u errors, %u warnings, %u remarks\n",
		sums->rules, sums->refused, sums->skipped, list->counts[CHECK_ERROR], list->counts[CHECK_WARNING],
		list->counts[CHECK_INFO]);
}

void check_show(const struct check_list *list, const struct check_sums *sums, enum check_severity least, uint32_t limit,
	FILE *out)
{
	struct sources sources = { 0 };
	uint32_t hidden = 0, shown = 0;
	for (uint32_t i = 0; i < list->count; i++) {
		if (list->rows[i].severity > least || (limit && shown == limit)) {
			hidden++;
			continue;
		}
		show_row(&sources, &list->rows[i], out);
		shown++;
	}
	source_text_close(sources.text);
	show_sums(list, sums, hidden, out);
}

static json_t *json_row(struct sources *sources, const struct check_row *row)
{
	json_t *object = json_object();
	uint32_t line, column;
	struct span text;
	bool placed = place_of(sources, row, &line, &column, &text);
	tool_json_text(object, "severity", check_severity_name((enum check_severity)row->severity));
	tool_json_text(object, "id", row->id);
	tool_json_text(object, "file", row->file);
	if (line)
		tool_json_number(object, "line", line);
	if (line && column)
		tool_json_number(object, "column", column);
	if (row->sid)
		tool_json_number(object, "sid", row->sid);
	if (row->gid)
		tool_json_number(object, "gid", row->gid);
	if (row->rev)
		tool_json_number(object, "rev", row->rev);
	if (row->keyword[0])
		tool_json_text(object, "keyword", row->keyword);
	tool_json_text(object, "reason", row->reason);
	if (row->first_file) {
		json_t *first = json_object();
		tool_json_text(first, "file", row->first_file);
		tool_json_number(first, "line", row->first_line);
		json_object_set_new(object, "first", first);
	}
	if (placed && row->column)
		tool_json_span(object, "at", span_slice(text, column - 1, length_at(text, column - 1)));
	return object;
}

bool check_show_json(const struct check_list *list, const struct check_sums *sums)
{
	struct sources sources = { 0 };
	json_t *document = json_object(), *findings = json_array();
	tool_json_number(document, "rules", sums->rules);
	tool_json_number(document, "refused", sums->refused);
	tool_json_number(document, "skipped", sums->skipped);
	tool_json_number(document, "errors", list->counts[CHECK_ERROR]);
	tool_json_number(document, "warnings", list->counts[CHECK_WARNING]);
	tool_json_number(document, "remarks", list->counts[CHECK_INFO]);
	for (uint32_t i = 0; i < list->count; i++)
		json_array_append_new(findings, json_row(&sources, &list->rows[i]));
	json_object_set_new(document, "findings", findings);
	source_text_close(sources.text);
	return tool_json_print(document);
}
