# find_package(Twofold) gives Twofold::twofold.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Twofold)
configure_package_config_file(cmake/TwofoldConfig.cmake.in TwofoldConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(TwofoldConfigVersion.cmake COMPATIBILITY SameMinorVersion)

install(TARGETS twofold EXPORT TwofoldTargets FILE_SET HEADERS)
install(EXPORT TwofoldTargets NAMESPACE Twofold:: DESTINATION ${package_dir})
install(FILES ${PROJECT_BINARY_DIR}/TwofoldConfig.cmake ${PROJECT_BINARY_DIR}/TwofoldConfigVersion.cmake
        DESTINATION ${package_dir})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(TARGET twofold_cli)
  install(TARGETS twofold_cli)
  install(DIRECTORY data/ DESTINATION ${CMAKE_INSTALL_DATADIR}/twofold)
endif()
