import Foundation
import Testing
import WatchAppContent

/// The project's files fit each other: what Xcode would only say on a Mac.
struct ProjectTests {
    @Test(arguments: ["App/WatchApp.entitlements", "Widget/WatchAppWidget.entitlements"])
    func appAndWidgetShareTheFolderThatTheCodeNames(_ file: String) throws {
        let groups = try Example.propertyList(file)?["com.apple.security.application-groups"] as? [String]
        #expect(groups == [AppGroup.identifier])
    }

    @Test func theAppIsAWatchAppWithoutBackgroundModes() throws {
        let info = try #require(try Example.propertyList("App/Info.plist"))
        #expect(info["WKApplication"] as? Bool == true)
        #expect(info["WKWatchOnly"] as? Bool == true)
        #expect(info["WKBackgroundModes"] == nil)
    }

    @Test func theWidgetIsOne() throws {
        let info = try #require(try Example.propertyList("Widget/Info.plist"))
        let point = (info["NSExtension"] as? NSDictionary)?["NSExtensionPointIdentifier"] as? String
        #expect(point == "com.apple.widgetkit-extension")
    }

    @Test func everyPathOfTheProjectLeadsSomewhere() throws {
        let lines = try Example.text("project.yml").split(separator: "\n")
        let paths = lines.compactMap { line -> String? in
            let words = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            guard words.count == 2,
                ["path", "sources", "INFOPLIST_FILE", "CODE_SIGN_ENTITLEMENTS"].contains(words[0])
            else { return nil }
            return words[1].trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        }
        #expect(paths.count == 9)
        for path in paths {
            let file = Example.folder.appendingPathComponent(path).path
            #expect(FileManager.default.fileExists(atPath: file), "\(path) is missing")
        }
    }

    @Test func theWidgetsIdentifierContinuesTheApps() throws {
        let identifiers = try Example.text("project.yml").split(separator: "\n")
            .filter { $0.contains("PRODUCT_BUNDLE_IDENTIFIER") }
            .compactMap { $0.split(separator: " ").last.map(String.init) }
        let app = try #require(identifiers.first)
        #expect(identifiers == [app, "\(app).widget"])
    }
}
