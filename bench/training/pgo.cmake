# SPDX-License-Identifier: Apache-2.0
#
# -DIRQPATH_PGO=ON: the same sources are built a first time below the build tree, with counters, and run what stands in
# bench/training/runs (profile.cmake); what they counted decides how irqpath is then compiled. Any change of the sources makes
# a new profile. Sets PROFILE_OPTIONS and PROFILE_LINK_OPTIONS for the targets that it is about, which call
# profile_first(TARGET).
# IRQPATH_TRAINING=ON is the first of the two builds.
option(IRQPATH_PGO "Optimise irqpath for its training runs (bench/training); explorations may count more states" OFF)
option(IRQPATH_TRAINING "Build what the training runs (bench/training; set by IRQPATH_PGO)" OFF)
mark_as_advanced(IRQPATH_TRAINING)

set(PROFILE_OPTIONS "")
set(PROFILE_LINK_OPTIONS "")
set(training ${CMAKE_BINARY_DIR}/training)

if(IRQPATH_TRAINING)
  set(PROFILE_OPTIONS -fprofile-generate=${CMAKE_BINARY_DIR}/counts -fprofile-update=atomic)
  set(PROFILE_LINK_OPTIONS -fprofile-generate)
endif()

if(IRQPATH_PGO AND NOT IRQPATH_TRAINING)
  if(IRQPATH_SANITIZE OR CMAKE_CROSSCOMPILING)
    message(FATAL_ERROR "IRQPATH_PGO runs what it builds, to see which code is hot: it goes neither with IRQPATH_SANITIZE "
                        "nor with a cross compiler")
  endif()
  if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    # Functions that the training never calls are compiled as without it. An explored state knows where it is by return
    # addresses: no call may be copied (tests/explore-builds). What parks is entered more often than it returns, which gcc
    # warns of; all other warnings were errors of the first build.
    set(PROFILE_OPTIONS -fprofile-use=${training}/counts -fprofile-partial-training -fprofile-correction -fno-tracer
                        -fno-unroll-loops -w)
  elseif(CMAKE_C_COMPILER_ID MATCHES "Clang")
    string(REGEX MATCH "^[0-9]+" major "${CMAKE_C_COMPILER_VERSION}")
    find_program(IRQPATH_PROFDATA NAMES llvm-profdata-${major} llvm-profdata HINTS /usr/lib/llvm-${major}/bin)
    if(NOT IRQPATH_PROFDATA)
      message(FATAL_ERROR "IRQPATH_PGO needs llvm-profdata of clang ${major}. On Debian and Ubuntu: "
                          "apt-get install llvm-${major}")
    endif()
    set(PROFILE_OPTIONS -fprofile-use=${training}/irqpath.profdata -Wno-profile-instr-unprofiled)
  else()
    message(FATAL_ERROR "IRQPATH_PGO works with gcc and clang, and not with ${CMAKE_C_COMPILER_ID}")
  endif()
  file(GLOB_RECURSE trained CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/sim/*.[ch] ${CMAKE_SOURCE_DIR}/sim/*.S
       ${CMAKE_SOURCE_DIR}/models/*.[ch])
  add_custom_command(
    OUTPUT ${training}/profile.stamp
    COMMAND ${CMAKE_COMMAND} -DSOURCE=${CMAKE_SOURCE_DIR} -DBINARY=${CMAKE_BINARY_DIR} -DTRAINING=${training}
            -DPROFDATA=${IRQPATH_PROFDATA} -DGENERATOR=${CMAKE_GENERATOR} -DMAKE=${CMAKE_MAKE_PROGRAM}
            -DCOMPILER=${CMAKE_C_COMPILER} -DLAUNCHER=${CMAKE_C_COMPILER_LAUNCHER} -DFLAGS=${CMAKE_C_FLAGS}
            -DBUILD_TYPE=${CMAKE_BUILD_TYPE} -DARCH=${IRQPATH_ARCH} -DSWITCH=${IRQPATH_SWITCH}
            -P ${CMAKE_SOURCE_DIR}/bench/training/profile.cmake
    DEPENDS ${trained} ${CMAKE_SOURCE_DIR}/CMakeLists.txt ${CMAKE_SOURCE_DIR}/bench/training/runs
            ${CMAKE_SOURCE_DIR}/bench/training/profile.cmake ${CMAKE_SOURCE_DIR}/bench/training/pgo.cmake
    COMMENT "Training irqpath (bench/training/runs)" USES_TERMINAL VERBATIM)
  add_custom_target(profile DEPENDS ${training}/profile.stamp)
endif()

# The objects of a target are compiled after the profile is there, and again when there is another.
function(profile_first target)
  target_compile_options(${target} PRIVATE ${PROFILE_OPTIONS})
  target_link_options(${target} PUBLIC ${PROFILE_LINK_OPTIONS})
  if(TARGET profile)
    add_dependencies(${target} profile)
    get_target_property(sources ${target} SOURCES)
    list(FILTER sources INCLUDE REGEX "\\.c$")
    set_property(SOURCE ${sources} APPEND PROPERTY OBJECT_DEPENDS ${training}/profile.stamp)
  endif()
endfunction()
