import Foundation

/// The example's own folder.
enum Example {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
    }

    static func propertyList(_ path: String) throws -> NSDictionary? {
        let data = try Data(contentsOf: folder.appendingPathComponent(path))
        return try PropertyListSerialization.propertyList(from: data, format: nil) as? NSDictionary
    }
}
