// watchos 6 ok
import SwiftUI
import WatchKit
import WidgetKit

final class AppDelegate: NSObject, WKApplicationDelegate {
    func handle(_ backgroundTasks: Set<WKRefreshBackgroundTask>) {
        for task in backgroundTasks { task.setTaskCompletedWithSnapshot(false) }
    }
}

@MainActor final class Model: ObservableObject {
    struct Row: Identifiable, Hashable {
        let id: Int
        var name: String
        var progress: Double?
    }

    @Published var rows: [Row] = []

    func refresh() async { rows.append(Row(id: 1, name: "a", progress: nil)) }
}

@main struct WatchProbe: App {
    @WKApplicationDelegateAdaptor(AppDelegate.self) private var delegate
    @Environment(\.scenePhase) private var scenePhase
    @StateObject private var model = Model()

    var body: some Scene {
        WindowGroup {
            NavigationStack { Rows(model: model) }
                .onChange(of: scenePhase) { phase in if phase == .active { print("active") } }
        }
        .backgroundTask(.urlSession("com.example.maps")) { await model.refresh() }
    }
}

struct Rows: View {
    @ObservedObject var model: Model
    @State private var isOn = false

    var body: some View {
        List {
            Section("Downloads") {
                ForEach(model.rows) { row in
                    VStack(alignment: .leading) {
                        Text(row.name).font(.headline)
                        if let progress = row.progress { ProgressView(value: progress) } else { ProgressView() }
                        Label("waits for \(row.name)", systemImage: "clock").font(.caption).foregroundStyle(.secondary)
                        Text(Int64(row.id), format: .byteCount(style: .file))
                    }
                }
            }
            Toggle("On", isOn: $isOn)
            Button("Refresh") { Task { await model.refresh() } }
        }
        .navigationTitle("Maps")
        .refreshable { await model.refresh() }
        .task { await model.refresh() }
    }
}

struct Entry: TimelineEntry {
    let date: Date
}

struct Provider: TimelineProvider {
    func placeholder(in context: Context) -> Entry { Entry(date: .now) }
    func getSnapshot(in context: Context, completion: @escaping (Entry) -> Void) { completion(Entry(date: .now)) }
    func getTimeline(in context: Context, completion: @escaping (Timeline<Entry>) -> Void) {
        completion(Timeline(entries: [Entry(date: .now)], policy: .after(.now + 60)))
    }
}

struct MapWidget: Widget {
    var body: some WidgetConfiguration {
        StaticConfiguration(kind: "maps", provider: Provider()) { entry in Text(entry.date, style: .time) }
            .supportedFamilies([.accessoryCircular, .accessoryCorner])
            .onBackgroundURLSessionEvents(matching: "com.example.widget") { _, completion in completion() }
    }
}
