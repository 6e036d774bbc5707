// SPDX-License-Identifier: GPL-3.0-or-later
// One LDAP message (RFC 4511 section 4.1.1, BER): its parts as spans of its bytes, read when somebody asks.
//
// Memory       none: a message borrows the bytes it was read from
// Threads      pure functions
#pragma once
#include "decoders/app/tls/der.h"

// Numbers of protocolOp's choices (their application tags).
enum ldap_operation {
	LDAP_BIND_REQUEST,
	LDAP_BIND_RESPONSE,
	LDAP_UNBIND_REQUEST,
	LDAP_SEARCH_REQUEST,
	LDAP_SEARCH_ENTRY,
	LDAP_SEARCH_DONE,
	LDAP_MODIFY_REQUEST,
	LDAP_MODIFY_RESPONSE,
	LDAP_ADD_REQUEST,
	LDAP_ADD_RESPONSE,
	LDAP_DELETE_REQUEST,
	LDAP_DELETE_RESPONSE,
	LDAP_RENAME_REQUEST,
	LDAP_RENAME_RESPONSE,
	LDAP_COMPARE_REQUEST,
	LDAP_COMPARE_RESPONSE,
	LDAP_ABANDON_REQUEST,
	LDAP_SEARCH_REFERENCE = 19,
	LDAP_EXTENDED_REQUEST = 23,
	LDAP_EXTENDED_RESPONSE = 24,
	LDAP_INTERMEDIATE_RESPONSE = 25,
	LDAP_OPERATIONS_END,
};

struct ldap_message {
	uint32_t id;
	uint8_t operation;    // enum ldap_operation
	struct span body;     // of the operation
	struct span controls; // ldap_control_next; empty: none
};

// bytes: a whole LDAPMessage. False: not one.
bool ldap_message_read(struct span bytes, struct ldap_message *message);

bool ldap_is_request(uint8_t operation);
bool ldap_is_final(uint8_t operation); // a response after which no other follows

// The object that a request or response names: base object, entry, bind's name, matched DN. False: it has none.
bool ldap_name(const struct ldap_message *message, struct span *name);

// LDAPResult (section 4.1.9) of the responses that begin with one. False: it has none, or is malformed.
struct ldap_result {
	uint32_t code;
	struct span matched, message;
	struct cursor rest; // what follows
};
bool ldap_result_read(const struct ldap_message *message, struct ldap_result *result);

struct ldap_search {
	struct span base;
	uint32_t scope, deref, size_limit, time_limit;
	bool types_only;
	struct der filter;
	struct cursor attributes; // ldap_text_next
};
bool ldap_search_read(const struct ldap_message *message, struct ldap_search *search);

struct ldap_bind {
	uint32_t version;
	struct span name, mechanism, credentials; // credentials: never a simple bind's password
	bool sasl, simple;
};
bool ldap_bind_read(const struct ldap_message *message, struct ldap_bind *bind);

// The next of a message's controls (section 4.1.11). False: no more.
struct ldap_control {
	struct span type, value; // value's data NULL: none
	bool critical;
};
bool ldap_control_next(struct cursor *controls, struct ldap_control *control);

// What is a list of attributes with values: of a search entry, an add request, or the changes of a modify request. False: it has none.
bool ldap_attributes(const struct ldap_message *message, struct cursor *list);
struct ldap_attribute {
	uint32_t change; // of a modify request: 0 add, 1 delete, 2 replace
	struct span type;
	struct cursor values; // ldap_text_next
};
// The next of the list of such a message. False: no more.
bool ldap_attribute_next(const struct ldap_message *message, struct cursor *list, struct ldap_attribute *attribute);
// The next value of a list of octet strings.
bool ldap_text_next(struct cursor *list, struct span *text);

// Name and value of extended requests and responses and of intermediate responses; data NULL where absent.
struct ldap_extended {
	struct span name, value;
};
bool ldap_extended_read(const struct ldap_message *message, struct ldap_extended *extended);
