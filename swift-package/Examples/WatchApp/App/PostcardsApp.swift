import SwiftUI
import WatchAppModel

@main
struct PostcardsApp: App {
    /// It is there at every launch, in the background too, where nothing of the rest is shown.
    @WKApplicationDelegateAdaptor(AppDelegate.self) private var delegate

    var body: some Scene {
        WindowGroup {
            PostcardsView(model: delegate.model)
        }
    }
}
