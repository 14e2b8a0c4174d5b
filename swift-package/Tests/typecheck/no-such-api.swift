// watchos,ios,macos 6 error: value of type 'URLSession' has no member 'dwnloadTask'
import Foundation

func download(_ session: URLSession, _ url: URL) -> URLSessionDownloadTask {
    session.dwnloadTask(with: url)
}
