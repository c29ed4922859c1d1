// What of Socket.IO a page uses, loaded with its first connection. All that the package offers would be twice as much.
export { io } from "socket.io-client";
