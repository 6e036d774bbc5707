// SPDX-License-Identifier: GPL-3.0-or-later
// IEC 60870-5-104: telecontrol over TCP. Each ASDU (an I frame) and each function (a U frame, tests of the connection left out) is a transaction of its direction;
// bare acknowledgements (S frames) are passed over.
//
// Memory       worker's slab: facts
// Threads      worker of its flow
#pragma once
#include "decoders/app/fact/fact.h"

#define IEC104_TOLD 32 // objects of an ASDU

enum iec104_fact {
	IEC104_FRAME,
	IEC104_FUNCTION, // of a U frame
	IEC104_TYPE_ID,
	IEC104_TYPE,
	IEC104_CAUSE_ID,
	IEC104_CAUSE,
	IEC104_NEGATIVE,
	IEC104_TEST,
	IEC104_ORIGINATOR,
	IEC104_COMMON_ADDRESS,
	IEC104_OBJECT_COUNT,
	IEC104_OBJECT,
	IEC104_VALUE,
	IEC104_SELECT, // of a command: select, not execute
	IEC104_QUALIFIER,
};

extern const struct fact_name iec104_facts[];
extern const struct app_parser iec104_parser;

// What is in an object of information: a letter an element, in their order (iec104_types.c).
struct iec104_type {
	const char *name;
	const char *elements; // NULL: any number of bytes
};

const struct iec104_type *iec104_type_of(uint8_t id); // NULL: there is none
const char *iec104_cause_name(uint8_t cause);         // NULL: there is none
uint32_t iec104_object_bytes(const struct iec104_type *type);
// Tells an object's value, and what a command says besides.
void iec104_tell_value(
	const struct app_input *input, struct fact_tx *tx, const struct iec104_type *type, struct span object);
