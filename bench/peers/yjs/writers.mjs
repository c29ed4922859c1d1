// People who type numbered lines into one document. Commands come as lines of JSON on stdin, every one is answered
// by a line of JSON on stdout; kernel_writers.py beside the benchmark speaks the same.
//   node writers.mjs '{"kind": "y-websocket", "url": "ws://…", "document": "…", "writers": 5, "perSecond": 10}'
import readline from 'node:readline';
import { connections } from './connections.mjs';

const WORDS = ['ash', 'beech', 'cedar', 'elm', 'fir', 'hazel', 'lime', 'maple', 'oak', 'pine', 'rowan', 'yew'];
const options = JSON.parse(process.argv[2]);

class Writer {
    edits = [];
    confirmed = 0;
    timer = undefined;

    constructor(number) {
        this.number = number;
        this.connection = new connections[options.kind](options);
    }

    type() {
        this.timer = setTimeout(
            () => {
                this.insert();
                this.type();
            },
            (0.5 + Math.random()) * (1000 / options.perSecond)
        );
    }

    stop() {
        clearTimeout(this.timer);
    }

    insert() {
        const { text } = this.connection;
        // A page that is being reloaded shows nothing to type into.
        if (!text || !this.hasBeenReady()) return;
        this.noteConfirmed();
        const word = `${WORDS[Math.floor(Math.random() * WORDS.length)]}.${this.number}.${this.edits.length + 1}`;
        text.insert(someBeginning(text.toString()), `${word}\n`);
        this.edits.push({ word, at: Date.now() / 1000 });
    }

    hasBeenReady() {
        const { connection } = this;
        if (connection.isReady) this.readyDoc = connection.doc;
        return this.readyDoc === connection.doc;
    }

    noteConfirmed() {
        if (this.connection.isConfirmed) this.confirmed = this.edits.length;
    }

    look() {
        this.noteConfirmed();
        const { connection, confirmed } = this;
        const { shown, isReady, notes } = connection;
        const isSaved = connection.isConfirmed !== false;
        return { text: shown, typed: this.edits.length, confirmed, isReady, isSaved, notes };
    }

    log() {
        return this.edits.map((edit, index) => ({ ...edit, isConfirmed: index < this.confirmed }));
    }
}

/** A place where a line begins. */
function someBeginning(text) {
    return text.indexOf('\n', Math.floor(Math.random() * (text.length + 1))) + 1;
}

const writers = Array.from({ length: options.writers }, (_, number) => new Writer(number));

const commands = ['type', 'stop', 'look', 'log'];

for await (const line of readline.createInterface({ input: process.stdin })) {
    const command = JSON.parse(line);
    if (!commands.includes(command)) throw new Error(`no such command: ${line}`);
    const answers = writers.map((writer) => writer[command]() ?? null);
    process.stdout.write(`${JSON.stringify(answers)}\n`);
}
process.exit(0);
