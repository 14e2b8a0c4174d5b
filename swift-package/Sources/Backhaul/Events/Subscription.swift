/// The reading end of a channel: it unregisters when it is dropped.
final class Subscription<Element: Sendable>: Sendable {
    private let channel: Channel<Element>
    private let unregister: @Sendable () -> Void

    init(_ channel: Channel<Element>, unregister: @escaping @Sendable () -> Void) {
        self.channel = channel
        self.unregister = unregister
    }

    deinit {
        unregister()
    }

    func next() async -> Element? {
        await channel.next()
    }
}
