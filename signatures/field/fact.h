// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of protocols whose transactions are facts (decoders/app/fact): a keyword a value.
//
// Threads      const tables
#pragma once
#include "signatures/field/declare.h"

// Of messages that stand alone, in whichever direction they go: X(symbol, protocol, keyword, description, id)
#define FACT_TEXTS_ALONE(X)                                                                                        \
	X(amqp_queue, APP_AMQP, "amqp.queue", "amqp queue", AMQP_QUEUE)                                            \
	X(amqp_exchange, APP_AMQP, "amqp.exchange", "amqp exchange", AMQP_EXCHANGE)                                \
	X(amqp_vhost, APP_AMQP, "amqp.vhost", "amqp virtual host", AMQP_VHOST)                                     \
	X(amqp_user, APP_AMQP, "amqp.user", "amqp user", AMQP_USER)                                                \
	X(amqp_method, APP_AMQP, "amqp.method", "amqp method", AMQP_METHOD)                                        \
	X(s7comm_function, APP_S7COMM, "s7comm.function", "s7comm function", S7COMM_FUNCTION)                      \
	X(s7comm_subfunction, APP_S7COMM, "s7comm.subfunction", "s7comm subfunction", S7COMM_SUBFUNCTION)          \
	X(s7comm_service, APP_S7COMM, "s7comm.service", "s7comm program invocation", S7COMM_SERVICE)               \
	X(s7comm_item, APP_S7COMM, "s7comm.item", "s7comm item read or written", S7COMM_ITEM)                      \
	X(s7comm_value, APP_S7COMM, "s7comm.value", "s7comm value written", S7COMM_VALUE)                          \
	X(s7comm_filename, APP_S7COMM, "s7comm.filename", "s7comm block moved", S7COMM_FILENAME)                   \
	X(s7comm_return, APP_S7COMM, "s7comm.return_code", "s7comm result of an item", S7COMM_RETURN)              \
	X(s7comm_error_class, APP_S7COMM, "s7comm.error_class", "s7comm class of error", S7COMM_ERROR_CLASS)       \
	X(s7comm_rosctr, APP_S7COMM, "s7comm.rosctr", "s7comm kind of message", S7COMM_ROSCTR)                     \
	X(bacnet_function, APP_BACNET, "bacnet.function", "bacnet function of link control", BACNET_LINK)          \
	X(bacnet_service, APP_BACNET, "bacnet.service", "bacnet service", BACNET_SERVICE)                          \
	X(bacnet_object, APP_BACNET, "bacnet.object", "bacnet object: type,instance", BACNET_OBJECT)               \
	X(bacnet_property, APP_BACNET, "bacnet.property", "bacnet property", BACNET_PROPERTY)                      \
	X(bacnet_value, APP_BACNET, "bacnet.value", "bacnet value", BACNET_VALUE)                                  \
	X(bacnet_state, APP_BACNET, "bacnet.state", "bacnet state asked of the device", BACNET_STATE)              \
	X(bacnet_result, APP_BACNET, "bacnet.result", "bacnet result", BACNET_RESULT)                              \
	X(bacnet_result_code, APP_BACNET, "bacnet.result_code", "bacnet reason of the result", BACNET_RESULT_CODE) \
	X(dhcpv6_type, APP_DHCPV6, "dhcpv6.type", "dhcpv6 kind of message", DHCPV6_TYPE)                           \
	X(dhcpv6_client_duid, APP_DHCPV6, "dhcpv6.client_duid", "dhcpv6 client's identifier", DHCPV6_CLIENT_DUID)  \
	X(dhcpv6_server_duid, APP_DHCPV6, "dhcpv6.server_duid", "dhcpv6 server's identifier", DHCPV6_SERVER_DUID)  \
	X(dhcpv6_fqdn, APP_DHCPV6, "dhcpv6.fqdn", "dhcpv6 client's name", DHCPV6_FQDN)                             \
	X(dhcpv6_vendor_class, APP_DHCPV6, "dhcpv6.vendor_class", "dhcpv6 vendor class", DHCPV6_VENDOR_CLASS)      \
	X(dhcpv6_bootfile, APP_DHCPV6, "dhcpv6.bootfile_url", "dhcpv6 boot file", DHCPV6_BOOTFILE)                 \
	X(dhcpv6_domain, APP_DHCPV6, "dhcpv6.domain", "dhcpv6 domain to search", DHCPV6_DOMAIN)                    \
	X(iec104_type, APP_IEC104, "iec104.type", "iec104 type of ASDU", IEC104_TYPE)                              \
	X(iec104_cause, APP_IEC104, "iec104.cause", "iec104 cause of transmission", IEC104_CAUSE)                  \
	X(iec104_function, APP_IEC104, "iec104.function", "iec104 function of a U frame", IEC104_FUNCTION)         \
	X(iec104_value, APP_IEC104, "iec104.value", "iec104 value of an object", IEC104_VALUE)                     \
	X(ssdp_method, APP_SSDP, "ssdp.method", "ssdp method", SSDP_METHOD)                                        \
	X(ssdp_target, APP_SSDP, "ssdp.target", "ssdp search or notification target", SSDP_TARGET)                 \
	X(ssdp_location, APP_SSDP, "ssdp.location", "ssdp location", SSDP_LOCATION)                                \
	X(ssdp_server, APP_SSDP, "ssdp.server", "ssdp server", SSDP_SERVER)                                        \
	X(syslog_message, APP_SYSLOG, "syslog.message", "syslog message", SYSLOG_MESSAGE)                          \
	X(syslog_hostname, APP_SYSLOG, "syslog.hostname", "syslog host name", SYSLOG_HOSTNAME)                     \
	X(syslog_program, APP_SYSLOG, "syslog.program", "syslog program", SYSLOG_PROGRAM)

// Of a direction: X(symbol, protocol, keyword, description, direction, id)
#define FACT_TEXTS(X)                                                                                                  \
	X(sunrpc_program_name, APP_SUNRPC, "sunrpc.program_name", "sunrpc program's name", TO_SERVER, SUNRPC_NAME)     \
	X(sunrpc_operation, APP_SUNRPC, "sunrpc.operation", "sunrpc operation's name", TO_SERVER, SUNRPC_OPERATION)    \
	X(sunrpc_path, APP_SUNRPC, "sunrpc.path", "sunrpc path that is mounted", TO_SERVER, SUNRPC_PATH)               \
	X(sunrpc_machine, APP_SUNRPC, "sunrpc.machine", "sunrpc name of the client", TO_SERVER, SUNRPC_MACHINE)        \
	X(sunrpc_status, APP_SUNRPC, "sunrpc.status", "sunrpc status", TO_CLIENT, SUNRPC_STATUS)                       \
	X(mongodb_error, APP_MONGODB, "mongodb.error", "mongodb error", TO_CLIENT, MONGODB_ERROR)                      \
	X(mongodb_user, APP_MONGODB, "mongodb.user", "mongodb user", TO_SERVER, MONGODB_USER)                          \
	X(mongodb_database, APP_MONGODB, "mongodb.database", "mongodb database", TO_SERVER, MONGODB_DATABASE)          \
	X(mongodb_collection, APP_MONGODB, "mongodb.collection", "mongodb collection", TO_SERVER, MONGODB_COLLECTION)  \
	X(mongodb_command, APP_MONGODB, "mongodb.command", "mongodb command", TO_SERVER, MONGODB_COMMAND)              \
	X(redis_response, APP_REDIS, "redis.response", "redis simple response, or error", TO_CLIENT, REDIS_RESPONSE)   \
	X(redis_user, APP_REDIS, "redis.user", "redis user", TO_SERVER, REDIS_USER)                                    \
	X(redis_arguments, APP_REDIS, "redis.arguments", "redis arguments of the command", TO_SERVER, REDIS_ARGUMENTS) \
	X(redis_command, APP_REDIS, "redis.command", "redis command", TO_SERVER, REDIS_COMMAND)                        \
	X(socks_status, APP_SOCKS, "socks.status", "socks status", TO_CLIENT, SOCKS_STATUS)                            \
	X(socks_command, APP_SOCKS, "socks.command", "socks command", TO_SERVER, SOCKS_COMMAND)                        \
	X(socks_host, APP_SOCKS, "socks.host", "socks host asked for", TO_SERVER, SOCKS_HOST)                          \
	X(socks_user, APP_SOCKS, "socks.user", "socks user", TO_SERVER, SOCKS_USER)                                    \
	X(mysql_error, APP_MYSQL, "mysql.error", "mysql error", TO_CLIENT, MYSQL_ERROR)                                \
	X(mysql_version, APP_MYSQL, "mysql.version", "mysql version of the server", TO_CLIENT, MYSQL_VERSION)          \
	X(mysql_argument, APP_MYSQL, "mysql.argument", "mysql argument of the command", TO_SERVER, MYSQL_ARGUMENT)     \
	X(mysql_command, APP_MYSQL, "mysql.command", "mysql command", TO_SERVER, MYSQL_COMMAND)                        \
	X(mysql_database, APP_MYSQL, "mysql.database", "mysql database", TO_SERVER, MYSQL_DATABASE)                    \
	X(mysql_user, APP_MYSQL, "mysql.user", "mysql user", TO_SERVER, MYSQL_USER)                                    \
	X(tds_error, APP_TDS, "tds.error", "tds error", TO_CLIENT, TDS_ERROR)                                          \
	X(tds_server, APP_TDS, "tds.server", "tds server asked for", TO_SERVER, TDS_SERVER)                            \
	X(tds_query, APP_TDS, "tds.query", "tds query", TO_SERVER, TDS_QUERY)                                          \
	X(tds_parameters, APP_TDS, "tds.parameters", "tds texts given to a procedure", TO_SERVER, TDS_PARAMETERS)      \
	X(tds_procedure, APP_TDS, "tds.procedure", "tds procedure called", TO_SERVER, TDS_PROCEDURE)                   \
	X(tds_database, APP_TDS, "tds.database", "tds database", TO_SERVER, TDS_DATABASE)                              \
	X(tds_application, APP_TDS, "tds.application", "tds application", TO_SERVER, TDS_APPLICATION)                  \
	X(tds_user, APP_TDS, "tds.user", "tds user", TO_SERVER, TDS_USER)                                              \
	X(tds_host, APP_TDS, "tds.host", "tds host of the client", TO_SERVER, TDS_HOST)                                \
	X(tds_command, APP_TDS, "tds.command", "tds kind of message", TO_SERVER, TDS_COMMAND)

// Numbers of either direction: X(symbol, protocol, keyword, bits, id)
#define FACT_VALUES_ALONE(X)                                                                     \
	X(bacnet_priority, APP_BACNET, "bacnet.priority", 8, BACNET_PRIORITY)                    \
	X(dhcpv6_lease, APP_DHCPV6, "dhcpv6.lease_time", 32, DHCPV6_LEASE)                       \
	X(bacnet_instance, APP_BACNET, "bacnet.instance", 32, BACNET_INSTANCE)                   \
	X(iec104_type_id, APP_IEC104, "iec104.type_id", 8, IEC104_TYPE_ID)                       \
	X(iec104_cause_id, APP_IEC104, "iec104.cause_id", 8, IEC104_CAUSE_ID)                    \
	X(iec104_common_address, APP_IEC104, "iec104.common_address", 16, IEC104_COMMON_ADDRESS) \
	X(iec104_object, APP_IEC104, "iec104.object", 32, IEC104_OBJECT)                         \
	X(iec104_negative, APP_IEC104, "iec104.negative", 8, IEC104_NEGATIVE)                    \
	X(s7comm_function_code, APP_S7COMM, "s7comm.function_code", 8, S7COMM_FUNCTION_CODE)     \
	X(s7comm_error_code, APP_S7COMM, "s7comm.error_code", 16, S7COMM_ERROR_CODE)

// Numbers: X(symbol, protocol, keyword, bits, direction, id)
#define FACT_VALUES(X)                                                                              \
	X(sunrpc_program, APP_SUNRPC, "sunrpc.program", 32, TO_SERVER, SUNRPC_PROGRAM)              \
	X(sunrpc_port, APP_SUNRPC, "sunrpc.port", 16, TO_CLIENT, SUNRPC_PORT)                       \
	X(mongodb_error_code, APP_MONGODB, "mongodb.error_code", 32, TO_CLIENT, MONGODB_ERROR_CODE) \
	X(syslog_priority, APP_SYSLOG, "syslog.priority", 16, TO_SERVER, SYSLOG_PRIORITY)           \
	X(socks_version, APP_SOCKS, "socks.version", 8, TO_SERVER, SOCKS_VERSION)                   \
	X(socks_port, APP_SOCKS, "socks.port", 16, TO_SERVER, SOCKS_PORT)                           \
	X(mysql_error_code, APP_MYSQL, "mysql.error_code", 16, TO_CLIENT, MYSQL_ERROR_CODE)         \
	X(tds_error_code, APP_TDS, "tds.error_code", 32, TO_CLIENT, TDS_ERROR_CODE)

#define FACT_DECLARE_TEXT(symbol, ...)  FIELD_DECLARE_BUFFER(field_##symbol)
#define FACT_DECLARE_VALUE(symbol, ...) FIELD_DECLARE_NUMBER(field_##symbol)
FACT_TEXTS_ALONE(FACT_DECLARE_TEXT)
FACT_TEXTS(FACT_DECLARE_TEXT)
FACT_VALUES_ALONE(FACT_DECLARE_VALUE)
FACT_VALUES(FACT_DECLARE_VALUE)

#define FACT_LIST_ENTRY(symbol, ...) &field_##symbol,
