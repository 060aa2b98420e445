import Foundation
import Testing

@testable import WebSockets

@Suite struct TrustStoreTests {
  private func folder(_ files: [String: String]) throws -> String {
    let folder = NSTemporaryDirectory() + "sidetone-trust-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name)) }
    return folder
  }

  @Test func aBundleOrADirectoryOfHashesCounts() throws {
    let folder = try folder(["bundle.pem": "x", "empty.pem": "", "1a2b3c4d.0": "x"])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(TrustStore.find(file: folder + "/bundle.pem", directory: nil) == folder + "/bundle.pem")
    #expect(TrustStore.find(file: folder + "/empty.pem", directory: folder) == folder)
    #expect(TrustStore.find(file: folder, directory: nil) == nil)
  }

  @Test func anythingElseDoesNot() throws {
    let folder = try folder(["README": "x", "ca.pem": "x", "1a2b3c4d.pem": "x"])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(TrustStore.find(file: folder + "/nothing.pem", directory: folder) == nil)
    #expect(TrustStore.find(file: nil, directory: folder + "/nowhere") == nil)
  }
}
