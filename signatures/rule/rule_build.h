// SPDX-License-Identifier: GPL-3.0-or-later
// Rule build: one rule while it is being read, shared by the keyword files. Not for use outside signatures/rule.
//
// Life cycle   build_start -> header, keywords in order -> build_finish copies what was gathered into the set's arena
// Memory       one struct a set, used again for each rule: fixed room, a rule that needs more is refused
// Threads      the loading one
#pragma once
#include "signatures/rule/rule_set.h"
#include "signatures/rule/rule_memory.h"

#define BUILD_MATCHES_MAX    256
#define BUILD_BUFFERS_MAX    64
#define BUILD_TRANSFORMS_MAX 16
#define BUILD_TESTS_MAX      64
#define BUILD_NUMBERS_MAX    32
#define BUILD_PAIRS_MAX      256
#define BUILD_THRESHOLDS_MAX 4
#define BUILD_OPTIONS_MAX    1024

// One "name:value;" of a rule.
struct keyword;
struct rule_option {
	struct span name;
	struct span
		value; // trimmed, without "!" and quotes where the keyword takes them; data NULL when there was no ":"
	bool negated, quoted;
	uint32_t offset;               // of name in the rule's text
	const struct keyword *keyword; // NULL: a field's, or unknown
};

struct build_buffer {
	uint8_t place; // enum buffer_place
	bool has_direction;
	uint8_t direction;
	const struct field_buffer *field;
	struct transform transforms[BUILD_TRANSFORMS_MAX];
	uint8_t transform_count;
	int16_t base64_of;
};

#define RULE_PARTS_MAX 8

struct rule_set_private {
	struct rule_options options;
	struct rule_arena *arena; // parts[0]'s: everything but what is in heads
	struct rule_arena *heads; // struct rule of all rules: never shared
	struct rule_parts *parts[RULE_PARTS_MAX];
	uint32_t parts_used[RULE_PARTS_MAX]; // rules of the set that lie in them
	uint8_t parts_count;
	struct rule_reuse *reuse; // while rules are added; NULL: none is taken over
	uint64_t text_seed;       // of rules' text_hash, the same in sets that follow each other
	uint64_t (*refused)[2];   // hashes of texts that could not be taken
	uint32_t refused_count, refused_room;
	uint64_t meaning[2], variables[2]; // hashes of classes and references, and of variables, that rules refer to
	struct rule_names strings;         // interned texts
	struct rule_names flowbits, flowvars, xbits;
	struct rule_names addresses, ports; // sets by their text
	struct rule_names classes;          // values: struct rule_class *
	struct rule_names references;       // values: const char * (prefix)
	struct rule_names frames;           // values: struct frame_field *
	struct rule_names datasets;         // values: struct rule_dataset *
	uint64_t dataset_hashsizes;         // of all sets together
	struct rule_names codes;            // by flags and text; values: struct rule_code *
	struct ip_reputation *reputation;   // NULL: not configured
	struct geo_country *geo;            // opened when a rule asks for it
	struct rule_field_test *kept_tests; // whose data is to be released
	uint32_t kept_test_count, kept_test_room;
	uint32_t rule_room;
	struct rule_build *build;
	unsigned include_depth;
	// threshold.config, put on rules by rule_set_finish
	struct rule_threshold_line *threshold_lines;
	uint32_t threshold_line_count;
	bool finished;
};

struct rule_build {
	struct rule_set *set;
	struct rule_set_private *own;
	struct rule_arena *arena;
	struct rule rule;
	const char *text, *file;
	uint32_t text_len, line;

	struct rule_option options[BUILD_OPTIONS_MAX];
	unsigned option_count;
	const struct rule_option *option; // being parsed

	struct build_buffer buffers[BUILD_BUFFERS_MAX];
	unsigned buffer_count;
	struct build_buffer pending; // sticky buffer and transforms named, no condition yet
	bool has_pending;
	int current;        // buffer conditions go to; -1 the payload
	bool sticky;        // current was named by a sticky keyword
	int base64_decoded; // buffer of the last base64_decode; -1 none

	struct match matches[BUILD_MATCHES_MAX];
	uint8_t match_buffer[BUILD_MATCHES_MAX];
	unsigned match_count;
	int last_content; // index in matches; -1 none

	struct rule_test tests[BUILD_TESTS_MAX], actions[BUILD_TESTS_MAX];
	unsigned test_count, action_count;
	struct rule_number numbers[BUILD_NUMBERS_MAX];
	struct rule_field_test field_tests[BUILD_NUMBERS_MAX];
	unsigned number_count, field_test_count;
	struct rule_threshold thresholds[BUILD_THRESHOLDS_MAX];
	unsigned threshold_count;
	struct rule_pair metadata[BUILD_PAIRS_MAX], references[BUILD_PAIRS_MAX];
	unsigned metadata_count, reference_count;
	struct span vars[RULE_VARS_MAX];
	unsigned fast_patterns;

	bool needs_packet, needs_stream; // what Suricata calls "requires packet / stream"
	bool has_priority, has_alert, has_classtype, more_than_address, skip;
	bool header_app_proto;    // the header named it, not a keyword
	uint8_t field_directions; // bit 0 to server, bit 1 to client: what all fields so far can be read in

	struct rule_error error;
};

struct rule_class {
	const char *name, *description;
	uint8_t priority;
};

// Errors. rule_fail notes why the rule is refused and gives false; the first reason stays.
bool rule_fail(struct rule_build *build, const char *format, ...) __attribute__((format(printf, 2, 3)));
void rule_warn(struct rule_build *build, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Printable, at most 60 bytes of text, for messages: "%.*s" takes both.
#define SPAN_ARGS(s) (int)((s).len < 60 ? (s).len : 60), (const char *)(s).data

const char *rule_intern(struct rule_build *build, struct span text);

// Header: action, protocol, addresses, ports, direction. Gives the offset of "(" in *options.
bool rule_header_parse(struct rule_build *build, uint32_t *options);
// Options between the parentheses into build->options.
bool rule_options_split(struct rule_build *build, uint32_t start);
// Sets from text, shared by text. NULL with the reason noted.
const struct address_set *rule_address_set(struct rule_build *build, struct span text);
const struct port_set *rule_port_set(struct rule_build *build, struct span text);

// Buffers and conditions.
// Room for a condition in the current buffer; NULL with the reason noted.
struct match *build_match(struct rule_build *build, enum match_kind kind);
struct match *build_match_in(struct rule_build *build, enum match_kind kind, int buffer);
// Without a sticky buffer a relative condition belongs to the buffer of the condition before it: what that was moved to.
void build_follow(struct rule_build *build, const struct match *match);
struct match *build_last_content(struct rule_build *build, const char *modifier);
bool build_sticky(
	struct rule_build *build, const struct field_buffer *field, bool has_direction, enum direction direction);
bool build_sticky_place(struct rule_build *build, enum buffer_place place);
// The buffer of field without transforms, made when there is none: for legacy modifiers.
int build_buffer_of(struct rule_build *build, const struct field_buffer *field);
struct transform *build_transform(struct rule_build *build, enum transform_kind kind);
struct rule_test *build_test(struct rule_build *build, enum test_kind kind);
struct rule_test *build_action(struct rule_build *build, enum test_kind kind);
// A byte variable by name, RULE_NO_VAR when there is none; build_var_set makes it (reason noted on failure).
int8_t build_var_find(const struct rule_build *build, struct span name);
bool build_var_set(struct rule_build *build, struct span name, int8_t *var);
// A keyword that only a protocol has: fits the rule's protocol, or makes it so.
bool build_app_proto(struct rule_build *build, enum app_proto proto, const char *what);

// A state transactions of proto go through, by name ("client_hello_done", "request_complete"): direction and progress. False: it has none such.
bool rule_state_find(enum app_proto proto, struct span name, enum direction *direction, uint8_t *progress);

bool rule_keywords_apply(struct rule_build *build);
// What a whole rule must hold; sets flags and type.
bool rule_check(struct rule_build *build);
void rule_classify(struct rule_build *build);

// Classes and references.
void rule_classes_preset(struct rule_set_private *own);
bool rule_classes_load(struct rule_set_private *own, const char *path);
bool rule_references_load(struct rule_set_private *own, const char *path);
const struct rule_class *rule_class_find(struct rule_set_private *own, struct span name);
bool rule_reputation_load(struct rule_set_private *own);
bool rule_thresholds_load(struct rule_set *set, const char *path);
void rule_thresholds_apply(struct rule_set *set);
void rule_order(struct rule_set *set);
// A content as written (text, |hex|, escapes) as bytes, at most text.len of them. False with the reason noted.
bool rule_content_bytes(struct rule_build *build, struct span text, uint8_t *out, uint32_t *len);
// To the options' sink.
void rule_report(const struct rule_set_private *own, const char *file, uint32_t line, bool warning, const char *format,
	...) __attribute__((format(printf, 5, 6)));
// The code of an expression (flags: enum pcre_flag), compiled once a set and shared with options.like; *text is its text for as long as the set.
// NULL with the reason noted.
void *rule_code(struct rule_build *build, struct span pattern, unsigned flags, const char **text);
void rule_codes_jit(struct rule_set_private *own);
void rule_codes_free(struct rule_set_private *own);
// One more holder of the code of options.like that has this text (as rule_code gave it).
void rule_code_hold(struct rule_set_private *own, const char *text);
// Rules taken over from options.like (rule_reuse.c). start: after classes and references are read; end: nothing is added any more.
void rule_parts_start(struct rule_set_private *own);
void rule_parts_free(struct rule_set_private *own);
void rule_reuse_start(struct rule_set *set);
void rule_reuse_end(struct rule_set_private *own);
void rule_parts_count(struct rule_set *set); // when all rules that stay are known
void rule_text_hash(const struct rule_set_private *own, const char *text, size_t len, uint64_t hash[2]);
// Notes that the text was refused. Gives whether options.like refused it too.
bool rule_reuse_refused(struct rule_set_private *own, const uint64_t hash[2]);
// A copy of the rule with the text build was started with, without file, line and place. NULL: none can be taken over; start build anew.
struct rule *rule_reuse(struct rule_build *build, const uint64_t hash[2]);
// Lets sets to come take rule over, if that can be.
void rule_reuse_note(struct rule_set_private *own, struct rule *rule, const uint64_t hash[2]);
// Has what test's parse made released with the set.
void rule_keep_test(struct rule_build *build, const struct rule_field_test *test);
// All of a file, gzip'd or plain, with a zero at its end: malloc'ed, *len without the zero. NULL: cannot be read, reason in error.
char *rule_read_file(const char *path, size_t *len, char *error, size_t size);
// The same of a file that options name; what is wrong with it is reported.
char *rule_read_list(struct rule_set_private *own, const char *path, size_t *len);
