// SPDX-License-Identifier: GPL-3.0-or-later
// Modbus over TCP (Modbus application protocol 1.1b3, messaging on TCP/IP 1.0b). A transaction is a request with the response of the same identifier.
//
// Memory       worker's slab: both messages in the transaction, they are short
// Bounds       260 bytes a message; MODBUS_FLOOD requests without a response
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"
#include "decoders/base/cursor.h"

#define MODBUS_MESSAGE_MAX 260
#define MODBUS_FLOOD       500

enum modbus_event {
	MODBUS_FLOODED,
	MODBUS_INVALID_PROTOCOL_ID,
	MODBUS_UNSOLICITED_RESPONSE,
	MODBUS_INVALID_LENGTH,
	MODBUS_INVALID_VALUE,
	MODBUS_INVALID_EXCEPTION_CODE,
	MODBUS_VALUE_MISMATCH,
	MODBUS_INVALID_FUNCTION_CODE,
};

// What a function does to which table.
enum modbus_access {
	MODBUS_READS = 1 << 0,
	MODBUS_WRITES = 1 << 1,
	MODBUS_OF_DISCRETES = 1 << 2,
	MODBUS_OF_COILS = 1 << 3,
	MODBUS_OF_INPUT = 1 << 4,
	MODBUS_OF_HOLDING = 1 << 5,
	MODBUS_SINGLE = 1 << 6,
	MODBUS_MULTIPLE = 1 << 7,
};

// Kinds of function codes (section 5).
enum modbus_category {
	MODBUS_PUBLIC_ASSIGNED = 1 << 0,
	MODBUS_PUBLIC_UNASSIGNED = 1 << 1,
	MODBUS_USER = 1 << 2,
	MODBUS_RESERVED = 1 << 3,
};

enum modbus_error {
	MODBUS_DATA_VALUE = 1 << 0,
	MODBUS_DATA_LENGTH = 1 << 1,
	MODBUS_EXC_CODE = 1 << 2,
	MODBUS_FUNC_CODE = 1 << 3,
	MODBUS_PROTO_ID = 1 << 4,
};

enum modbus_function {
	MODBUS_READ_COILS = 1,
	MODBUS_READ_DISCRETES,
	MODBUS_READ_HOLDING,
	MODBUS_READ_INPUT,
	MODBUS_WRITE_COIL,
	MODBUS_WRITE_REGISTER,
	MODBUS_DIAGNOSTIC = 8,
	MODBUS_WRITE_COILS = 15,
	MODBUS_WRITE_REGISTERS = 16,
	MODBUS_MASK_WRITE = 22,
	MODBUS_READ_WRITE = 23,
	MODBUS_MEI = 43,
};

struct modbus_message {
	bool present;
	uint16_t transaction, protocol;
	uint8_t unit, function; // function without the exception's bit
	bool exception;
	uint8_t access, category, errors; // enum modbus_access, modbus_category, modbus_error
	bool has_read, has_write;         // the ranges below are there
	uint16_t read_address, read_quantity, write_address, write_quantity;
	uint16_t len;                     // of data
	uint16_t values_at;               // of data: where the values written begin
	uint8_t data[MODBUS_MESSAGE_MAX]; // behind the function code
};

struct modbus_tx {
	struct app_tx tx;
	struct modbus_message messages[2]; // by direction
};

extern const struct app_parser modbus_parser;

static inline const struct modbus_tx *modbus_tx_of(const struct app_tx *tx)
{
	return (const struct modbus_tx *)(const void *)tx;
}

// bytes: a whole message with its header, at least 8 and at most MODBUS_MESSAGE_MAX bytes.
void modbus_message_read(struct span bytes, enum direction direction, struct modbus_message *message);
// What is written to address. False: nothing.
bool modbus_written_value(const struct modbus_message *message, uint32_t address, uint16_t *value);
