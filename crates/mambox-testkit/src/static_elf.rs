//! Minimal static x86-64 Linux executables, assembled by hand, for images and packages that must run (or
//! only look like programs) without a compiler.
//!
//! The file is the 64 bytes of an ELF header, the 56 bytes of one program header that maps the whole file
//! readable and executable at [`BASE`], then the code, then the data. System calls: `rax` number, `rdi`,
//! `rsi`, `rdx` arguments, `rcx` and `r11` clobbered; write is 1, pause is 34, exit is 60.

use crate::package::with_placeholder;

/// Where the file is mapped.
const BASE: u64 = 0x40_0000;
/// Bytes before the code.
const HEADERS: usize = 64 + 56;

/// Maker of small executables; see the functions.
#[derive(Debug)]
pub struct StaticElf;

impl StaticElf {
    /// Writes `message` to standard output and exits with 0.
    pub fn message(message: &str) -> Vec<u8> {
        Self::message_then_exit(message, 0)
    }

    /// Writes `message` to standard output and exits with `code`.
    pub fn message_then_exit(message: &str, code: u8) -> Vec<u8> {
        let mut code_bytes = Vec::new();
        let length = u32::try_from(message.len()).expect("a message under 4 GiB");
        let address = emit_lea_rsi(&mut code_bytes); // lea  rsi, [rip + message]
        code_bytes.push(0xba); //                       mov  edx, length
        code_bytes.extend(length.to_le_bytes());
        emit_write(&mut code_bytes);
        emit_exit(&mut code_bytes, code);
        point_at_data(&mut code_bytes, address, 0);
        elf(&code_bytes, message.as_bytes())
    }

    /// Writes the NUL-terminated string embedded in it, and a newline, to standard output and exits with 0.
    /// `{prefix}` in `string` becomes the placeholder, so that a package may carry the program with
    /// [`binary_with_prefix`](crate::PackageBuilder::binary_with_prefix).
    pub fn print_c_string(string: &str) -> Vec<u8> {
        // Data: a newline at 0, the string from 1.
        let mut code = Vec::new();
        let string_at = emit_lea_rsi(&mut code); //  lea  rsi, [rip + string]
        emit_strlen(&mut code);
        emit_write(&mut code);
        let newline_at = emit_lea_rsi(&mut code); // lea  rsi, [rip + newline]
        emit_mov_edx_1(&mut code);
        emit_write(&mut code);
        emit_exit(&mut code, 0);
        point_at_data(&mut code, newline_at, 0);
        point_at_data(&mut code, string_at, 1);
        elf(&code, format!("\n{}\0", with_placeholder(string)).as_bytes())
    }

    /// Does nothing until a signal ends it.
    pub fn wait() -> Vec<u8> {
        let mut code = Vec::new();
        code.extend([0xb8, 34, 0, 0, 0]); // again: mov  eax, 34  ; pause
        code.extend([0x0f, 0x05]); //               syscall
        code.extend([0xeb, 0xf7]); //               jmp  again (-9)
        elf(&code, b"")
    }

    /// Writes its environment, one `NAME=value` a line, to standard output and exits with 0.
    pub fn print_environment() -> Vec<u8> {
        // At the entry: [rsp] = argc, then argc pointers, a zero, the environment's pointers, a zero.
        let mut code = Vec::new();
        code.extend([0x48, 0x8b, 0x0c, 0x24]); //             mov  rcx, [rsp]          ; argc
        code.extend([0x48, 0x8d, 0x5c, 0xcc, 0x10]); //       lea  rbx, [rsp+rcx*8+16] ; first variable
        let next = code.len();
        code.extend([0x48, 0x8b, 0x33]); //             next: mov  rsi, [rbx]
        code.extend([0x48, 0x85, 0xf6]); //                   test rsi, rsi
        code.extend([0x74, 0x00]); //                         je   done
        let to_done = code.len();
        emit_strlen(&mut code);
        emit_write(&mut code);
        let newline_at = emit_lea_rsi(&mut code); //          lea  rsi, [rip + newline]
        emit_mov_edx_1(&mut code);
        emit_write(&mut code);
        code.extend([0x48, 0x83, 0xc3, 0x08]); //             add  rbx, 8
        code.extend([0xeb, 0x00]); //                         jmp  next
        let done = code.len();
        code[done - 1] = relative(done, next);
        code[to_done - 1] = relative(to_done, done);
        emit_exit(&mut code, 0); //                     done: exit(0)
        point_at_data(&mut code, newline_at, 0);
        elf(&code, b"\n")
    }
}

/// `lea rsi, [rip + data]`; returns where its displacement ends, for [`point_at_data`].
fn emit_lea_rsi(code: &mut Vec<u8>) -> usize {
    code.extend([0x48, 0x8d, 0x35, 0, 0, 0, 0]);
    code.len()
}

/// Fills in the displacement that ends at `at`: the data starts where the code ends.
fn point_at_data(code: &mut [u8], at: usize, offset: usize) {
    let distance = i32::try_from(code.len() - at + offset).expect("a small program");
    code[at - 4..at].copy_from_slice(&distance.to_le_bytes());
}

/// edx = length of the NUL-terminated string at rsi.
fn emit_strlen(code: &mut Vec<u8>) {
    code.extend([0x31, 0xd2]); //             xor  edx, edx
    code.extend([0x80, 0x3c, 0x16, 0x00]); // again: cmp byte [rsi+rdx], 0
    code.extend([0x74, 0x05]); //             je   +5 (behind the jump)
    code.extend([0x48, 0xff, 0xc2]); //       inc  rdx
    code.extend([0xeb, 0xf5]); //             jmp  again (-11)
}

/// `mov edx, 1`
fn emit_mov_edx_1(code: &mut Vec<u8>) {
    code.extend([0xba, 1, 0, 0, 0]);
}

/// write(1, rsi, rdx)
fn emit_write(code: &mut Vec<u8>) {
    code.extend([0xb8, 1, 0, 0, 0]); // mov  eax, 1   ; write
    code.extend([0xbf, 1, 0, 0, 0]); // mov  edi, 1   ; standard output
    code.extend([0x0f, 0x05]); //       syscall
}

/// exit(code)
fn emit_exit(code: &mut Vec<u8>, status: u8) {
    code.extend([0xb8, 60, 0, 0, 0]); //     mov  eax, 60  ; exit
    code.extend([0xbf, status, 0, 0, 0]); // mov  edi, status
    code.extend([0x0f, 0x05]); //            syscall
}

/// The displacement of a short jump whose instruction ends at `from`.
fn relative(from: usize, to: usize) -> u8 {
    let distance = to as isize - from as isize;
    i8::try_from(distance).expect("a short jump").to_le_bytes()[0]
}

/// Puts the headers before code and data.
fn elf(code: &[u8], data: &[u8]) -> Vec<u8> {
    let size = (HEADERS + code.len() + data.len()) as u64;
    let mut file = Vec::new();
    file.extend(b"\x7fELF"); //                      magic number
    file.extend([2, 1, 1, 0]); //                    64 bits, little endian, version 1, System V
    file.extend([0; 8]); //                          padding
    file.extend(2u16.to_le_bytes()); //              type: executable
    file.extend(62u16.to_le_bytes()); //             machine: x86-64
    file.extend(1u32.to_le_bytes()); //              version
    file.extend((BASE + HEADERS as u64).to_le_bytes()); // entry
    file.extend(64u64.to_le_bytes()); //             program headers at
    file.extend(0u64.to_le_bytes()); //              no section headers
    file.extend(0u32.to_le_bytes()); //              flags
    file.extend([64u16, 56, 1, 64, 0, 0].map(u16::to_le_bytes).concat()); // sizes and counts
    file.extend(1u32.to_le_bytes()); //              segment: load
    file.extend(5u32.to_le_bytes()); //              readable, executable
    file.extend([0, BASE, BASE, size, size, 0x1000].map(u64::to_le_bytes).concat()); // offset, addresses, sizes, alignment
    assert_eq!(file.len(), HEADERS, "both headers");
    file.extend(code);
    file.extend(data);
    file
}
