// SPDX-License-Identifier: GPL-3.0-or-later
// Feed state: what is kept of feeds between runs, in one folder (reputation.state):
//
//   feeds/NAME/entries       indicators of the last good reading (entry_file.h)
//   feeds/NAME/fetched-*     what is being fetched
//   feeds/NAME/state.json    when and from what that was, what failed since, when to fetch again
//   local.jsonl              what people added by hand, with note, expiry and who
//   indicators               all of it, compiled (signatures/reputation)
//   audit.jsonl              every change, appended only
//   lock                     one process at a time changes the folder
//
// A feed that cannot be fetched or read, that shrank by more than its limit, or is refused for what is in it keeps its last good entries, and its
// state says why. Failures of a URL are tried again after 2, 4, 8 ... intervals' quarters, at most a day.
//
// Life cycle   (feed_state_open for reading -> feed_state_fetch ->) feed_state_open -> feed_state_update, feed_state_compile ... -> feed_state_close
// Threads      one thread a struct; several processes may read while one changes
#pragma once
#include "sensor/feeds/feed_read.h"
#include "sensor/fetch/fetch.h"
#include "sensor/files/files.h"

struct store;

struct feed_state {
	char root[PATH_BYTES];
	int lock; // -1: opened for reading
	const atomic_bool *
		stop; // ends an update or a compilation that goes on, once it is set, as if it had not begun; NULL never
};

// change: makes the folder and takes the lock; false when another process has it.
bool feed_state_open(struct feed_state *state, const char *folder, bool change, struct pack_error *error);
void feed_state_close(struct feed_state *state);
// Paths of the folder's parts. False: too long.
bool feed_state_path(const struct feed_state *state, const char *part, char out[PATH_BYTES]);
bool feed_state_part(const struct feed_state *state, const char *feed, const char *part, char out[PATH_BYTES]);
bool feed_state_entries(const struct feed_state *state, const char *feed, char out[PATH_BYTES]);

// state.json of a feed.
struct feed_status {
	char source[2048], etag[FETCH_ETAG_MAX], modified[FETCH_DATE_MAX];
	char error[512];          // "" the last try was good
	uint64_t version;         // of state.json itself, as it was read; 0: there was none
	uint64_t signature;       // of the source as it was read: files' sizes and times, or what a URL gave
	uint64_t how;             // of how it was read: the feed's settings, and what belongs to the site
	uint32_t read_s;          // last good reading, seconds of the epoch; 0 never
	uint32_t good_s;          // last good try, whether it brought something or not
	bool tried;               // by the call of feed_state_update that filled this
	uint32_t tried_s, next_s; // last try; not before
	uint32_t failures;        // in a row
	uint64_t taken, refused, skipped, lines;
	char refusals[FEED_REFUSALS][224]; // "line 7: com: a public suffix"
	unsigned refusal_count;
};
// False: it was never read (status is zeroed).
bool feed_status_read(const struct feed_state *state, const char *feed, struct feed_status *status);

enum feed_outcome {
	FEED_FRESH,   // read, and its entries replaced
	FEED_SAME,    // nothing new, or not due yet
	FEED_KEPT,    // failed: the last good entries stay; status->error says why
	FEED_MISSING, // failed, and there are none yet
};

// What was fetched of a feed that has a URL, before the lock was taken: a server may be slow, and who adds an indicator by hand does not wait for it.
struct feed_fetched {
	bool due; // false: not yet, nothing was fetched
	enum fetch_result result;
	struct fetch_answer answer;
	char path[PATH_BYTES]; // the file; "" none
	uint64_t content;      // of the file
	uint64_t basis;        // of the feed's state that it was fetched for
	uint32_t next_s;       // when it is due, if it is not
};
// Fetches feed if it is due at now_s (wall clock) or force. Takes no lock: state may be opened for reading, and other processes may fetch and change the folder.
void feed_state_fetch(const struct feed_state *state, const struct feed *feed, const struct feed_site *site,
	const struct fetch_config *fetch, bool force, uint32_t now_s, struct feed_fetched *out);
void feed_fetched_drop(struct feed_fetched *fetched); // removes the file

// Brings one feed up to date at now_s. fetched: of a feed with a URL (else NULL); if another process updated the feed since, that stays, and this is as if it had
// not been due. force: take it though it did not change or shrank.
enum feed_outcome feed_state_update(struct feed_state *state, const struct feed *feed, const struct feed_site *site,
	const struct feed_fetched *fetched, bool force, uint32_t now_s, struct feed_status *status);

struct feed_compiled {
	bool changed;     // the file was made anew
	uint64_t entries; // indicators in it
	unsigned feeds, missing;
};
// Compiles the entries of all enabled feeds and what was added by hand; nothing is done when nothing changed since. What is there stays when it fails.
// Damaged entries of a feed are put aside (feed_state_update reads it anew), and those that can be read compiled.
// store: what is compiled then, opened and so checked (a damaged file is made anew), the caller's to close; NULL: not wanted, and only the file's header is
// looked at.
bool feed_state_compile(struct feed_state *state, const struct feeds *feeds, uint32_t now_s, struct store **store,
	struct feed_compiled *out, struct pack_error *error);
