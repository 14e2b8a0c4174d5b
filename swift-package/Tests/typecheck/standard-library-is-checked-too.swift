// watchos,ios,macos 6 error: 'Mutex' is only available in
import Synchronization

func locked() -> Int {
    let count = Mutex(1)
    return count.withLock { $0 }
}
