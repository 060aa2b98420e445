import Foundation
import Testing

@testable import Engines

@Suite struct EngineTableTests {
  static func isHash(_ text: String) -> Bool { text.wholeMatch(of: /[0-9a-f]{64}/) != nil }

  @Test func everyRowIsWhole() throws {
    var paths: Set<String> = []
    for package in EnginePackage.table {
      #expect(!package.licences.isEmpty && !package.provenance.isEmpty, "\(package.name)")
      #expect(package.runsOn.map { name in EnginePackage.table.contains { $0.name == name } } ?? true)
      for processor in EnginePackage.Processor.allCases {
        let wheel = try #require(package.wheels[processor], "\(package.name) on \(processor)")
        #expect(Self.isHash(wheel.sha256) && wheel.files.allSatisfy { Self.isHash($0.sha256) }, "\(package.name)")
        #expect(wheel.keptBytes < wheel.unpackedBytes && wheel.bytes < wheel.unpackedBytes, "\(package.name)")
        #expect(wheel.platform == "any" || wheel.platform.hasSuffix("_\(processor)"))
        for file in wheel.files {
          #expect(file.bytes > 0 && !file.path.hasPrefix("/") && !file.path.contains(".."), "\(file.path)")
          paths.insert("\(processor) \(file.path)")
        }
      }
    }
    let rows = EnginePackage.Processor.allCases.flatMap { processor in
      EnginePackage.table.flatMap { $0.wheels[processor]?.files ?? [] }
    }
    #expect(paths.count == rows.count, "a file stands in two rows")
  }

  @Test func everyItemHasFiles() {
    for processor in EnginePackage.Processor.allCases {
      for item in EngineFolder.Item.allCases {
        #expect(!item.files(on: processor).isEmpty, "\(item) on \(processor)")
      }
      #expect(EngineFolder.Item.moonshineModel.files(on: processor).count == 3)
      #expect(EngineFolder.Item.moonshineLibrary.files(on: processor).count == 2)
    }
  }

  /// What is said beforehand.
  @Test func sizes() {
    let wheels = EnginePackage.table.compactMap { $0.wheels[.x86_64] }
    #expect(megabytes(wheels.reduce(0) { $0 + $1.bytes }) == "126 MB")
    #expect(megabytes(wheels.reduce(0) { $0 + $1.keptBytes }) == "174 MB")
    #expect(megabytes(999_999) == "less than 1 MB" && megabytes(1_450_000) == "1 MB" && megabytes(1_500_000) == "2 MB")
  }

  @Test func theReportSaysStateLicencesAndOrigin() throws {
    let rig = try EngineRig(isUnpacked: true)
    rig.packages[1].runsOn = "toy-one"
    rig.packages[1].licences = [.init(part: "code", name: "MIT"), .init(part: "voice", name: "CC0")]
    rig.packages[1].provenance = "made by hand"
    let library = rig.path("toy_one/lib.so")
    try Data().write(to: URL(fileURLWithPath: library))
    let report = EngineReport(rig.folder, packages: rig.packages, processor: .x86_64)
    #expect(report.rows.map(\.works) == [false, false] && report.rows[1].lacks == "toy-one")
    #expect(
      report.text == """
        Speech engines in \(rig.folder.path)

        toy-one: voice
          package     toy-one 1.0
          state       damaged: flite speaks instead
                      \(library): has 0 bytes, not 5000
          size        less than 1 MB to fetch, less than 1 MB kept
          from        \("")

        toy-two: voice
          package     toy-two 1.0
          state       installed, but toy-one is not
          size        less than 1 MB to fetch, less than 1 MB kept
          runs on     the ONNX Runtime of toy-one
          licence     code: MIT
                      voice: CC0
          from        made by hand

        `sidetone engines install` fetches what is missing: less than 1 MB.

        """)
  }

  @Test func theReportOfTheRealTableOnEveryProcessor() {
    let folder = EngineFolder("/nowhere/engines")
    for processor in EnginePackage.Processor.allCases {
      let text = EngineReport(folder, processor: processor).text
      for package in EnginePackage.table { #expect(text.contains(package.nameAndVersion)) }
      #expect(text.contains("missing: PocketSphinx recognises instead") && text.contains("CC0"))
    }
    let none = EngineReport(folder, processor: nil).text
    #expect(none.contains("there are no speech engines for this processor") && !none.contains("engines install"))
  }
}
