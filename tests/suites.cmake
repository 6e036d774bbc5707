# Tests that are not one cmocka program: lint, replay, conformance, fuzz smoke runs, Kafka, live capture.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(tests_dir ${CMAKE_CURRENT_SOURCE_DIR})

foreach(name ${unit_tests})
	set_tests_properties(${name} PROPERTIES LABELS unit)
endforeach()

add_test(NAME lint COMMAND ${Python3_EXECUTABLE} ${tests_dir}/lint/lint.py ${CMAKE_SOURCE_DIR})
set_tests_properties(lint PROPERTIES LABELS lint SKIP_RETURN_CODE 77 TIMEOUT 900)
# A table that a program of the tree made is what it makes.
add_test(NAME a_labels_table COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/signatures/reputation/a_labels_table.py --check)
set_tests_properties(a_labels_table PROPERTIES LABELS lint SKIP_RETURN_CODE 77 TIMEOUT 900)

if(TARGET sekisho)
	# A folder a case: capture (or a link to one in pcaps/), rules, expected events.
	file(GLOB cases CONFIGURE_DEPENDS ${tests_dir}/replay/*/case.yaml)
	foreach(case ${cases})
		get_filename_component(folder ${case} DIRECTORY)
		get_filename_component(name ${folder} NAME)
		add_test(NAME replay.${name} COMMAND ${Python3_EXECUTABLE} ${tests_dir}/replay/replay.py --sensor $<TARGET_FILE:sekisho> ${folder})
		set_tests_properties(replay.${name} PROPERTIES LABELS replay SKIP_RETURN_CODE 77 TIMEOUT 900)
	endforeach()
	if(NOT SEKISHO_SANITIZE)
		add_test(NAME conformance COMMAND ${Python3_EXECUTABLE} ${tests_dir}/conformance/conformance.py --sensor $<TARGET_FILE:sekisho>)
		set_tests_properties(conformance PROPERTIES LABELS conformance SKIP_RETURN_CODE 77 TIMEOUT 1800 RUN_SERIAL ON)
	endif()
	file(GLOB scripts CONFIGURE_DEPENDS ${tests_dir}/system/*_test.py)
	foreach(script ${scripts})
		get_filename_component(name ${script} NAME_WE)
		add_test(NAME system.${name} COMMAND ${Python3_EXECUTABLE} ${script} --sensor $<TARGET_FILE:sekisho> --build ${CMAKE_BINARY_DIR})
		set_tests_properties(system.${name} PROPERTIES LABELS system SKIP_RETURN_CODE 77 TIMEOUT 1800)
	endforeach()
	add_test(NAME captures.reputation COMMAND ${Python3_EXECUTABLE} ${tests_dir}/captures/reputation.py --sensor $<TARGET_FILE:sekisho>)
	set_tests_properties(captures.reputation PROPERTIES LABELS captures SKIP_RETURN_CODE 77 TIMEOUT 1800)
	add_test(NAME captures.findings COMMAND ${Python3_EXECUTABLE} ${tests_dir}/captures/findings.py --sensor $<TARGET_FILE:sekisho>)
	set_tests_properties(captures.findings PROPERTIES LABELS captures SKIP_RETURN_CODE 77 TIMEOUT 1800)
	add_test(NAME kafka COMMAND ${Python3_EXECUTABLE} ${tests_dir}/kafka/kafka_test.py --sensor $<TARGET_FILE:sekisho> --build ${CMAKE_BINARY_DIR})
	set_tests_properties(kafka PROPERTIES LABELS kafka SKIP_RETURN_CODE 77 TIMEOUT 900)
	# The proof that no capture makes the sensor misbehave: it is run in the sanitizer build too.
	set_tests_properties(system.captures_test PROPERTIES LABELS "system;captures")
endif()

# Kafka: a mock cluster in a process of its own, and a program that sends through our sink.
add_executable(kafka_mock support/kafka/mock_cluster.c)
target_link_libraries(kafka_mock PRIVATE PkgConfig::KAFKA)
add_executable(kafka_send support/kafka/kafka_send.c)
target_link_libraries(kafka_send PRIVATE export)

if(SEKISHO_FUZZ)
	# The inputs in fuzz/seeds/NAME and what our captures have, and a number made of them: the same on every machine and every time. Looking
	# for new ones is what fuzz/campaign is for.
	set(captured ${CMAKE_BINARY_DIR}/captured)
	add_test(NAME fuzz.corpus COMMAND ${tests_dir}/fuzz/corpus --sensor $<TARGET_FILE:sekisho> --out ${captured} ${CMAKE_SOURCE_DIR}/pcaps)
	set_tests_properties(fuzz.corpus PROPERTIES LABELS fuzz TIMEOUT 900 FIXTURES_SETUP captured)
	foreach(name ${fuzz_targets})
		add_test(NAME fuzz.${name} COMMAND ${tests_dir}/fuzz/smoke $<TARGET_FILE:${name}> ${captured}/${name} ${tests_dir}/fuzz/seeds/${name})
		set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT 900 FIXTURES_REQUIRED captured)
	endforeach()
endif()

# Those that take long begin first (ctest knows what they took only when it has run them before). Seconds, about.
foreach(cost system.reload_whole_test=90 decoders.history.integer_wrap_test=60 system.lateral_test=50 captures.findings=45 decoders.history.unbounded_transactions_test=40
		system.intel_test=30 system.sightings_live_test=30 system.sightings_disk_test=25 kafka=20 system.live_test=15 system.reload_test=15 system.captures_test=15
		system.public_rules_test=10 lint=10)
	string(REPLACE "=" ";" cost ${cost})
	list(GET cost 0 name)
	list(GET cost 1 seconds)
	if(TEST ${name})
		set_tests_properties(${name} PROPERTIES COST ${seconds})
	endif()
endforeach()

# What things cost: built when asked for, run by hand (bench/README.md).
add_executable(bench_reputation EXCLUDE_FROM_ALL bench/reputation.c)
target_link_libraries(bench_reputation PRIVATE signatures)
add_executable(bench_sightings EXCLUDE_FROM_ALL bench/sightings.c)
target_link_libraries(bench_sightings PRIVATE sensor)
